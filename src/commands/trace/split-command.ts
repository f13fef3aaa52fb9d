/** Parts what is written before `--` from the command behind it; without a `--` there is no command. */
export function splitCommand(argv: readonly string[]): {
  readonly own: string[];
  readonly command: readonly string[] | undefined;
} {
  const separator = argv.indexOf('--');
  if (separator < 0) return { own: [...argv], command: undefined };
  return { own: argv.slice(0, separator), command: argv.slice(separator + 1) };
}
