import manifest from '../src/commands/manifest.json' with { type: 'json' };
import { errorCodes } from '../src/core/base/error-codes.ts';

/** A flag as the manifest has it. */
interface Flag {
  readonly name: string;
  readonly type: string;
  readonly char?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly helpValue?: string;
  readonly helpGroup?: string;
  readonly options?: readonly string[];
  readonly default?: unknown;
  readonly env?: string;
  readonly multiple?: boolean;
  readonly hidden?: boolean;
}

interface Command {
  readonly id: string;
  readonly summary?: string;
  readonly description?: string;
  readonly examples?: readonly string[];
  readonly hidden?: boolean;
  readonly args: Readonly<
    Record<string, { readonly name: string; readonly description?: string; readonly required?: boolean }>
  >;
  readonly flags: Readonly<Record<string, Flag>>;
}

const { name: program, version, description } = manifest.package;

/** Makes the manual pages: kernelscope.1 and one for each command, as file and text. */
export function genManPages(): ReadonlyMap<string, string> {
  const commands = (Object.values(manifest.commands) as unknown as readonly Command[]).filter(
    ({ hidden }) => !hidden,
  );
  return new Map([
    [`man/${program}.1`, overview(commands)],
    ...commands.map((command) => [`man/${pageName(command)}.1`, page(command, commands)] as const),
  ]);
}

function overview(commands: readonly Command[]): string {
  return lines([
    head(program),
    '.SH NAME',
    `${text(program)} \\- ${text(uncapital(description))}`,
    '.SH SYNOPSIS',
    `.B ${text(program)}`,
    '.I COMMAND',
    '.RI [ ARGUMENTS ]',
    '.SH DESCRIPTION',
    text(
      'Data goes to standard output, everything else to standard error. Every command takes --json, and --help says what else.',
    ),
    '.SH COMMANDS',
    ...commands.flatMap((command) => [
      '.TP',
      `.BR ${pageName(command).replaceAll('-', '\\-')} (1)`,
      text(command.summary ?? ''),
    ]),
    ...exitStatus(),
    '.SH ENVIRONMENT',
    '.TP',
    '.B KERNELSCOPE_DB',
    text(
      'Database that is meant where no flag names one: a SQLite file, or an address like mysql://USER@HOST/NAME.',
    ),
    '.TP',
    '.B KERNELSCOPE_DBPASSWORD',
    text('Password of the MySQL database.'),
    '.TP',
    '.B KERNELSCOPE_LOGGER',
    text('Logger that records are sent to.'),
    '.TP',
    '.B KERNELSCOPE_TOKEN',
    text('Token that services and those who ask them share.'),
    '.TP',
    '.B KERNELSCOPE_CONFIG',
    text('Config file that is read in place of those below.'),
    '.TP',
    '.B KERNELSCOPE_\\fICOMMAND\\fB_\\fIFLAG\\fR',
    text('Value of a flag of a command, such as KERNELSCOPE_QUERY_LIMIT.'),
    '.SH FILES',
    '.TP',
    '.I ~/.config/kernelscope/kernelscope.toml\\fR, \\fI/etc/kernelscope/kernelscope.toml',
    text('Settings; JSON in kernelscope.json will do as well.'),
    '.TP',
    '.I ~/.local/share/kernelscope/kernelscope.db',
    text('The database that is used where none is named.'),
    '.SH SEE ALSO',
    seeAlso(commands.map(pageName)),
  ]);
}

function page(command: Command, commands: readonly Command[]): string {
  const flags = Object.values(command.flags).filter(({ hidden }) => !hidden);
  const args = Object.values(command.args);
  const near = commands.filter(
    ({ id }) => id !== command.id && id.split(':')[0] === command.id.split(':')[0],
  );
  return lines([
    head(pageName(command)),
    '.SH NAME',
    `${text(pageName(command))} \\- ${text(uncapital((command.summary ?? '').replace(/\.$/, '')))}`,
    '.SH SYNOPSIS',
    `.B ${text(`${program} ${command.id.replaceAll(':', ' ')}`)}`,
    ...args.map(({ name, required }) =>
      required ? `.I ${text(name.toUpperCase())}` : `.RI [ ${text(name.toUpperCase())} ]`,
    ),
    ...(flags.length > 0 ? ['.RI [ FLAGS ]'] : []),
    '.SH DESCRIPTION',
    text(command.summary ?? ''),
    ...(command.description === undefined ? [] : paragraphs(command.description)),
    ...(args.length === 0 ? [] : ['.SH ARGUMENTS']),
    ...args.flatMap(({ name, description: about }) => [
      '.TP',
      `.I ${text(name.toUpperCase())}`,
      text(about ?? ''),
    ]),
    ...(flags.length === 0 ? [] : ['.SH OPTIONS']),
    ...flags.flatMap(describeFlag),
    ...(command.examples === undefined || command.examples.length === 0 ? [] : ['.SH EXAMPLES']),
    ...(command.examples ?? []).flatMap((example, at) => [
      ...(at === 0 ? [] : ['.PP']),
      '.nf',
      ...literal(String(example).replaceAll('<%= config.bin %>', program)),
      '.fi',
    ]),
    ...exitStatus(),
    '.SH SEE ALSO',
    seeAlso([program, ...near.map(pageName)]),
  ]);
}

function describeFlag(flag: Flag): readonly string[] {
  const { name, char, type, helpValue, options, summary, description: about, env } = flag;
  const value = type === 'option' ? (helpValue ?? options?.join('|') ?? 'VALUE') : '';
  const names = [...(char === undefined ? [] : [`-${char}`]), `--${name}`].map(
    (each) => `\\fB${text(each)}\\fR`,
  );
  const repeated = flag.multiple ? ' ...' : '';
  return [
    '.TP',
    `${names.join(', ')}${value === '' ? '' : ` \\fI${text(value)}\\fR${repeated}`}`,
    text(about ?? summary ?? ''),
    ...(options !== undefined && helpValue !== undefined ? [text(`One of ${options.join(', ')}.`)] : []),
    ...(isShown(flag.default) ? [text(`Without it: ${flag.default}.`)] : []),
    ...(env === undefined ? [] : [text(`Also $${env}.`)]),
  ];
}

function isShown(value: unknown): boolean {
  return (typeof value === 'string' || typeof value === 'number') && value !== '';
}

function exitStatus(): readonly string[] {
  const codes = new Set(Object.values(errorCodes).map(({ exitCode }) => exitCode as number));
  const meanings: Readonly<Record<number, string>> = {
    0: 'All is well.',
    1: 'A condition failed.',
    2: 'The command line, or what was given to read, is wrong.',
    3: 'Nothing matched where something had to.',
    69: 'Something is not available, or did not answer in time.',
    70: 'A bug in kernelscope.',
    77: 'Permission denied.',
  };
  const shown = Object.entries(meanings).filter(
    ([code]) => [0, 1, 70].includes(Number(code)) || codes.has(Number(code)),
  );
  return ['.SH EXIT STATUS', ...shown.flatMap(([code, meaning]) => ['.TP', `.B ${code}`, text(meaning)])];
}

function pageName({ id }: Command): string {
  return `${program}-${id.replaceAll(':', '-')}`;
}

function head(name: string): string {
  return `.TH ${text(name.toUpperCase())} 1 "" "${program} ${version}" "${program} manual"`;
}

function seeAlso(names: readonly string[]): string {
  return names.map((name, at) => `.BR ${text(name)} (1)${at < names.length - 1 ? ' ,' : ''}`).join('\n');
}

function paragraphs(body: string): readonly string[] {
  return body.split(/\n\s*\n/).flatMap((paragraph) => ['.PP', text(paragraph.replaceAll(/\s+/g, ' '))]);
}

function literal(body: string): readonly string[] {
  return body.split('\n').map(text);
}

/** Escapes text: a backslash, a hyphen that must stay one, and what would begin a request. */
function text(plain: string): string {
  const escaped = plain
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti');
  return escaped.startsWith('.') ? `\\&${escaped}` : escaped;
}

function uncapital(sentence: string): string {
  return `${sentence.slice(0, 1).toLowerCase()}${sentence.slice(1)}`;
}

function lines(parts: readonly string[]): string {
  return [`.\\" Made by npm run gen from the commands themselves.`, ...parts].join('\n').concat('\n');
}
