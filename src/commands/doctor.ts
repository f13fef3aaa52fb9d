import * as Args from '@oclif/core/args';
import {
  type Diagnosis,
  examineHost,
  type HostCheck,
  loadTrace,
  type ProgramVerdict,
  printable,
} from '../core/index.ts';
import { KernelscopeCommand } from './kernelscope-command.ts';
import { findProgram } from './trace/trace-into.ts';
import { writeOutput } from './write-output.ts';

export class Doctor extends KernelscopeCommand {
  static override summary = 'Say what this host can trace, what is missing, and how to get it.';
  static override description =
    'Needs no rights and changes nothing: as the user, and in the unit, that shall trace. Exits with 1 where something asked for cannot be traced.';
  static override examples = [
    '<%= config.bin %> doctor',
    '<%= config.bin %> doctor offcpu --json',
    'systemd-run --pty -p DynamicUser=yes -p "AmbientCapabilities=CAP_BPF CAP_PERFMON CAP_SYSLOG" <%= config.bin %> doctor',
  ];
  static override flags = {};
  static override args = {
    program: Args.string({ description: 'Trace program, such as offcpu; all without it.' }),
  };

  async run(): Promise<Diagnosis> {
    const { args } = await this.parse(Doctor);
    const programs =
      args.program === undefined ? (await loadTrace()).tracePrograms : [await findProgram(args.program)];
    const diagnosis = await examineHost(programs);
    if (!this.jsonEnabled()) await writeOutput([printDiagnosis(diagnosis)]);
    if (!diagnosis.canTrace) process.exitCode = 1;
    return diagnosis;
  }
}

/** Prints a line per check and per program, with the remedies below. */
export function printDiagnosis({ checks, programs }: Diagnosis): string {
  const wide = Math.max(...[...checks, ...programs].map(({ name }) => name.length));
  const lines = [
    ...checks.flatMap((check) => checkLines(check, wide)),
    '',
    ...programs.flatMap((program) => programLines(program, wide)),
  ];
  return `${lines.map((line) => printable(line).trimEnd()).join('\n')}\n`;
}

function checkLines({ name, status, finding, remedies }: HostCheck, wide: number): readonly string[] {
  return entryLines(status, name, finding, remedies, wide);
}

function programLines(program: ProgramVerdict, wide: number): readonly string[] {
  const { name, summary, canTrace, missing, obstacles } = program;
  if (canTrace) return entryLines('can', name, summary, [], wide);
  const own = obstacles.flatMap(({ reason, remedies }) => [reason, ...remedies]);
  return entryLines('cannot', name, `for want of: ${[...new Set(missing)].join(', ')}`, own, wide);
}

function entryLines(
  verdict: string,
  name: string,
  text: string,
  below: readonly string[],
  wide: number,
): readonly string[] {
  const indent = ' '.repeat('missing'.length + 2 + wide + 2);
  const [first = '', ...rest] = [
    ...text.split('\n'),
    ...below.flatMap((line) => line.split('\n')).map((line) => `  ${line}`),
  ];
  return [
    `${verdict.padEnd('missing'.length)}  ${name.padEnd(wide)}  ${first}`,
    ...rest.map((line) => `${indent}${line}`),
  ];
}
