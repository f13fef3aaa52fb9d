import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import {
  checkPatterns,
  compareRuns,
  type DiffFormat,
  type DiffOptions,
  describeNormalization,
  diffRenderers,
  parseNormalization,
  readFilters,
} from '../core/index.ts';
import { describeFilters, filterFlags, runsFlag, sourceFlags, splitNames } from './flags.ts';
import { KernelscopeCommand } from './kernelscope-command.ts';
import { openCategory } from './open-category.ts';
import { isFile, mixedUnits, type RunSource, readSide } from './read-runs.ts';
import { describeTransforms, readTransforms, stackFlags, transformFlags } from './transform-flags.ts';
import { writeFileOrOutput } from './write-output.ts';

/** Changes that a table lists unless told. */
const LISTED = 20;

export class Diff extends KernelscopeCommand {
  static override summary = 'Compare two sets of records or files of stacks: what became more, what less.';
  static override description =
    "Each --a and --b is a run: a condition, a label as KEY=VALUE, or a file of stacks. Given more than once, or with --runs, a side is the mean of its runs, and each change has a p-value: of Welch's t-test, which takes sides of different spread, adjusted for the number of tests by Benjamini and Hochberg. With --runs, each value of a label within a side is a run; one in which nothing matches counts as 0, as long as anything was recorded on its hosts, labels and times. Nothing is normalised unless asked for, and what was done is said with the result. The other filters hold for both sides. Exits with 3 where a side has no stacks.";
  static override examples = [
    '<%= config.bin %> diff --a kernel=v6.11 --b kernel=v6.12',
    "<%= config.bin %> diff --a 'hostname = db1' --b 'hostname = db2' --normalize time --format svg > diff.svg",
    '<%= config.bin %> diff --a kernel=v6.11 --b kernel=v6.12 --runs run',
    '<%= config.bin %> diff --a run=a1 --a run=a2 --a run=a3 --b run=b1 --b run=b2 --b run=b3',
    '<%= config.bin %> diff --a before.folded --b after.folded --format folded',
  ];
  static override flags = {
    a: Flags.string({
      summary: 'Before: condition, KEY=VALUE or file; may be repeated.',
      helpValue: 'SELECTION',
      required: true,
      multiple: true,
      multipleNonGreedy: true,
    }),
    b: Flags.string({
      summary: 'After: as --a.',
      helpValue: 'SELECTION',
      required: true,
      multiple: true,
      multipleNonGreedy: true,
    }),
    runs: runsFlag,
    normalize: Flags.string({
      summary:
        'Make the sides comparable: none, total (of the weights), count (of events), time (from the first record to the last), or what each side is of, like 10m:1h.',
      helpValue: 'BASIS',
      default: 'none',
    }),
    per: Flags.option({
      summary:
        'What is listed: stacks with what ends in them, or functions (frame) with all that is in them.',
      options: ['stack', 'frame'] as const,
      default: 'stack',
    })(),
    limit: Flags.integer({
      char: 'n',
      summary: 'List at most this many changes; 20 in a table without it.',
      min: 0,
    }),
    ...filterFlags,
    ...stackFlags,
    ...transformFlags,
    svg: Flags.boolean({ summary: 'The same as --format svg.', exclusive: ['format'] }),
    format: Flags.option({
      char: 'f',
      summary:
        'How to print; table without it. text draws in the terminal, folded has two columns of weights.',
      options: Object.keys(diffRenderers) as DiffFormat[],
    })(),
    output: Flags.string({ char: 'o', summary: 'File to write instead of stdout.', helpValue: 'FILE' }),
    unit: Flags.option({
      summary: 'What the numbers of files are, where they do not say.',
      options: ['count', 'ns', 'us', 'ms', 's', 'bytes'] as const,
    })(),
    input: Flags.string({
      summary: 'Format of files; told from their beginning without it.',
      helpValue: 'FORMAT',
    }),
    title: Flags.string({ summary: 'Title of the picture.' }),
    width: Flags.integer({ summary: 'Width in pixels, or in cells for text and table.', min: 20 }),
    height: Flags.integer({ summary: 'Lines that text may take.', min: 5 }),
    ...sourceFlags,
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Diff);
    const toTerminal = process.stdout.isTTY === true && flags.output === undefined;
    const format: DiffFormat = this.jsonEnabled() ? 'json' : flags.svg ? 'svg' : (flags.format ?? 'table');
    const { compared, options } = await compare(flags);
    const { columns, rows } = process.stdout;
    const limit = flags.limit ?? (format === 'table' ? LISTED : undefined);
    const pieces = diffRenderers[format].render(compared, {
      ...options,
      ...(limit !== undefined && { limit }),
      ...(toTerminal && { colorLevel: await this.colorLevel(), width: columns, height: rows - 1 }),
      ...(flags.width !== undefined && { width: flags.width }),
      ...(flags.height !== undefined && { height: flags.height }),
    });
    if (this.jsonEnabled()) return JSON.parse([...pieces].join(''));
    await writeFileOrOutput(pieces, flags.output);
    return undefined;
  }
}

async function compare(flags: InferredFlags<typeof Diff.flags>) {
  const normalization = parseNormalization(flags.normalize);
  const by = splitNames('--by', flags.by);
  const transforms = await readTransforms(flags, by?.length);
  const nowUs = Date.now() * 1000;
  const opened = [...flags.a, ...flags.b].every(isFile) ? undefined : await openCategory(flags);
  try {
    const from: RunSource = {
      records: opened && {
        ...opened,
        where: readFilters({ ...flags, labels: flags.label, hosts: flags.host }, opened.category, nowUs),
      },
      choice: { stack: flags.stack, weight: flags.weight, by },
      transforms,
      input: flags.input,
      unit: flags.unit,
      normalization,
      label: flags.runs,
      nowUs,
    };
    await checkPatterns(flags.where);
    const before = await readSide(flags.a, 0, from);
    const after = await readSide(flags.b, 1, from);
    if (before.unit !== after.unit) throw mixedUnits(before.unit, after.unit);
    const compared = compareRuns(before.runs, after.runs);
    const subtitle = [...describeFilters(flags), ...describeTransforms(flags)].join(', ');
    const title = flags.title ?? before.title;
    const options: DiffOptions = {
      unit: before.unit,
      per: flags.per,
      beforeName: flags.a.join(', '),
      afterName: flags.b.join(', '),
      normalization: describeNormalization(normalization.basis, compared),
      lost: before.lost + after.lost,
      ...(subtitle !== '' && { subtitle }),
      ...(title !== undefined && { title }),
    };
    return { compared, options };
  } finally {
    await opened?.source.close();
  }
}
