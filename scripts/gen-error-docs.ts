import { errorCodes } from '../src/core/index.ts';

/** Makes the text of docs/errors.md: every code, what it means, and what commands and services answer with it. */
export async function genErrorDocs(): Promise<string> {
  const rows = Object.entries(errorCodes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([code, { meaning, exitCode, httpStatus }]) =>
        `| \`${code}\` | ${meaning} | ${exitCode} | ${httpStatus} |`,
    );
  return `# Errors

Made by \`npm run gen\` from \`src/core/base/error-codes.ts\`.

A command that fails prints one message on stderr: what is wrong, where, and what to do about it; with \`--json\` it
prints \`{"error": {"code", "message", "suggestions"}}\` on stdout. The services answer with the same JSON. An
unknown category is \`404\` to the logger, for to a host that logs it is an address that is not there.

Exit codes: 0 all is well, 1 a condition failed, 2 what was asked is not understood or cannot be, 3 nothing matched
where something had to, 69 something needed is not available now, 77 permission denied. 70 is a bug in kernelscope.

| code | meaning | exit | HTTP |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}
