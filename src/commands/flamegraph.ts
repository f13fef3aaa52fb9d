import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import { KernelscopeError, type OutputFormat, renderers, transformTree } from '../core/index.ts';
import { describeFilters, filterFlags, sourceFlags, splitNames } from './flags.ts';
import { KernelscopeCommand } from './kernelscope-command.ts';
import { openCategory } from './open-category.ts';
import { type Drawing, readFileOfStacks, readRecords } from './read-drawing.ts';
import { readWhere } from './read-where.ts';
import { describeTransforms, readTransforms, stackFlags, transformFlags } from './transform-flags.ts';
import { writeFileOrOutput } from './write-output.ts';

export class Flamegraph extends KernelscopeCommand {
  static override summary = 'Draw a flame graph of records, or of stacks in a file.';
  static override description =
    'Prints SVG when stdout is not a terminal, and draws in the terminal when it is. Exits with 3 where there is nothing to draw. Frames are matched by regular expressions of RE2. Whatever their order on the command line, stacks are chosen first (focus, exclude), then changed (hide, collapse-recursion, invert), and last small frames are merged (min-share, keep-top).';
  static override examples = [
    '<%= config.bin %> flamegraph > out.svg',
    "<%= config.bin %> flamegraph --where 'process = fio' --since 1h",
    '<%= config.bin %> flamegraph --by hostname,process --hide ^entry_ --min-share 0.5%',
    'perf script | <%= config.bin %> flamegraph - > cpu.svg',
  ];
  static override args = {
    file: Args.string({ description: 'File of stacks to draw instead of records; - for stdin.' }),
  };
  static override flags = {
    ...filterFlags,
    ...stackFlags,
    ...transformFlags,
    interactive: Flags.boolean({
      char: 'i',
      summary: 'Walk through the graph in the terminal; ? lists the keys there.',
      exclusive: ['format', 'svg', 'output', 'json'],
    }),
    svg: Flags.boolean({ summary: 'The same as --format svg.', exclusive: ['format'] }),
    format: Flags.option({
      char: 'f',
      summary: 'How to print.',
      options: Object.keys(renderers) as OutputFormat[],
    })(),
    output: Flags.string({ char: 'o', summary: 'File to write instead of stdout.', helpValue: 'FILE' }),
    unit: Flags.option({
      summary: 'What the numbers of a file are, where it does not say.',
      options: ['count', 'ns', 'us', 'ms', 's', 'bytes'] as const,
    })(),
    input: Flags.string({
      summary:
        'Format of the file: folded, perf-script, bpftrace-json, pprof or speedscope; told from its beginning without it.',
      helpValue: 'FORMAT',
    }),
    title: Flags.string({ summary: 'Title of the picture.' }),
    width: Flags.integer({ summary: 'Width in pixels, or in cells for text.', min: 20 }),
    height: Flags.integer({ summary: 'Lines that text may take.', min: 5 }),
    ...sourceFlags,
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Flamegraph);
    const toTerminal = process.stdout.isTTY === true && flags.output === undefined;
    const format = this.jsonEnabled()
      ? 'json'
      : flags.svg
        ? 'svg'
        : (flags.format ?? (toTerminal ? 'text' : 'svg'));
    const { tree, options } = await readDrawing(args.file, flags);
    if (flags.interactive && tree.totals[0] !== 0) {
      const { viewGraph } = await import('./view-graph.ts');
      await viewGraph(tree, { ...options, colorLevel: await this.colorLevel() });
      return undefined;
    }
    const renderer = renderers[format as OutputFormat];
    const { columns, rows } = process.stdout;
    const pieces = renderer.render(tree, {
      ...options,
      ...(toTerminal && { colorLevel: await this.colorLevel(), width: columns, height: rows - 1 }),
      ...(flags.width !== undefined && { width: flags.width }),
      ...(flags.height !== undefined && { height: flags.height }),
    });
    if (this.jsonEnabled()) return JSON.parse([...pieces].join(''));
    // An empty tree is still printed where a program may read it; a picture of nothing helps no one.
    const isEmpty = tree.totals[0] === 0;
    if (!isEmpty || format === 'json' || format === 'folded') await writeFileOrOutput(pieces, flags.output);
    if (isEmpty) throw nothingToDraw(args.file);
    return undefined;
  }
}

type FlamegraphFlags = InferredFlags<typeof Flamegraph.flags>;

/** Reads the stacks, does to them what is asked for, and says so under the title. */
async function readDrawing(file: string | undefined, flags: FlamegraphFlags): Promise<Drawing> {
  const by = splitNames('--by', flags.by);
  if (file !== undefined && by !== undefined) {
    throw new KernelscopeError('usage', '--by groups records by their columns, and a file has none');
  }
  const transforms = await readTransforms(flags, by?.length);
  const { tree, options } =
    file === undefined
      ? await readMatching(flags, by)
      : await readFileOfStacks(file, flags.input, flags.unit);
  const subtitle = [
    ...describeFilters(file === undefined ? flags : {}),
    ...(by === undefined ? [] : [`by ${by.join(', ')}`]),
    ...describeTransforms(flags),
  ].join(', ');
  return {
    tree: transformTree(tree, transforms),
    options: {
      ...options,
      ...(subtitle !== '' && { subtitle }),
      ...(flags.title !== undefined && { title: flags.title }),
    },
  };
}

async function readMatching(flags: FlamegraphFlags, by: readonly string[] | undefined): Promise<Drawing> {
  const { source, category } = await openCategory(flags);
  try {
    const where = await readWhere(flags, category, Date.now() * 1000);
    return await readRecords(source, category, where, { stack: flags.stack, weight: flags.weight, by });
  } finally {
    await source.close();
  }
}

function nothingToDraw(file: string | undefined): KernelscopeError {
  if (file !== undefined) return new KernelscopeError('no_match', `${file} holds no stacks that are wanted`);
  return new KernelscopeError('no_match', 'no record with a stack matches', {
    suggestions: ['widen --where, --since or --host; kernelscope db status shows what there is'],
  });
}
