import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {
  buildTree,
  type Category,
  chooseStackColumns,
  type FrameTree,
  findColumn,
  KernelscopeError,
  type OutputFormat,
  type RenderOptions,
  readFilters,
  readStacks,
  renderers,
} from '../core/index.ts';
import { filterFlags, sourceFlags } from './flags.ts';
import { KernelscopeCommand } from './kernelscope-command.ts';
import { openCategory } from './open-category.ts';
import { writeOutput } from './write-output.ts';

/** A tree to be drawn, and what is to be said of it. */
interface Drawing {
  readonly tree: FrameTree;
  readonly options: RenderOptions;
}

export class Flamegraph extends KernelscopeCommand {
  static override summary = 'Draw a flame graph of records, or of stacks in a file.';
  static override description =
    'Prints SVG when stdout is not a terminal, and draws in the terminal when it is. Exits with 3 where there is nothing to draw.';
  static override examples = [
    '<%= config.bin %> flamegraph > out.svg',
    "<%= config.bin %> flamegraph --where 'process = fio' --since 1h",
    'perf script | <%= config.bin %> flamegraph - > cpu.svg',
  ];
  static override args = {
    file: Args.string({ description: 'File of stacks to draw instead of records; - for stdin.' }),
  };
  static override flags = {
    ...filterFlags,
    stack: Flags.string({ summary: 'Stack column; the first one without it.', helpValue: 'COLUMN' }),
    weight: Flags.string({
      summary: 'Column that weighs the stacks, or count; the first duration without it.',
      helpValue: 'COLUMN',
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
    const { tree, options } =
      args.file === undefined
        ? await this.#drawRecords()
        : await drawFile(args.file, flags.input, flags.unit);
    const renderer = renderers[format as OutputFormat];
    const { columns, rows } = process.stdout;
    const pieces = renderer.render(tree, {
      ...options,
      ...(toTerminal && { colorLevel: await this.colorLevel(), width: columns, height: rows - 1 }),
      ...(flags.title !== undefined && { title: flags.title }),
      ...(flags.width !== undefined && { width: flags.width }),
      ...(flags.height !== undefined && { height: flags.height }),
    });
    if (this.jsonEnabled()) return JSON.parse([...pieces].join(''));
    // An empty tree is still printed where a program may read it; a picture of nothing helps no one.
    const isEmpty = tree.totals[0] === 0;
    if (!isEmpty || format === 'json' || format === 'folded') await write(pieces, flags.output);
    if (isEmpty) throw nothingToDraw(args.file);
    return undefined;
  }

  async #drawRecords(): Promise<Drawing> {
    const { flags } = await this.parse(Flamegraph);
    const { source, category } = await openCategory(flags);
    try {
      const where = readFilters(
        { ...flags, labels: flags.label, hosts: flags.host },
        category,
        Date.now() * 1000,
      );
      const columns = chooseColumns(category, flags.stack, flags.weight);
      const stacks = await source.weighStacks({ kind: 'stacks', category, ...columns, where });
      const { lost } = await source.scope(category, where);
      const weight = columns.weight === undefined ? undefined : findColumn(category, columns.weight);
      const unit = weight?.type === 'elapsed' ? (weight.unit ?? 'us') : 'count';
      const subtitle = describeFilters(flags);
      return {
        tree: buildTree(stacks),
        options: { unit, title: category.prettyName, lost, ...(subtitle !== '' && { subtitle }) },
      };
    } finally {
      await source.close();
    }
  }
}

function chooseColumns(category: Category, stack: string | undefined, weight: string | undefined) {
  const stackName = stack ?? category.columns.find((column) => column.type === 'stack')?.name;
  if (stackName === undefined) {
    throw new KernelscopeError('bad_query', `category '${category.name}' has no stack column to draw`);
  }
  const weightName = weight ?? category.columns.find((column) => column.type === 'elapsed')?.name;
  return chooseStackColumns(category, weightName === undefined ? [stackName] : [stackName, weightName]);
}

async function drawFile(
  file: string,
  format: string | undefined,
  unit: RenderOptions['unit'] | undefined,
): Promise<Drawing> {
  try {
    const input = await readStacks(file === '-' ? process.stdin : createReadStream(file), format);
    return { tree: buildTree(input.stacks), options: { unit: unit ?? input.unit } };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EACCES' && code !== 'EISDIR') throw error;
    throw new KernelscopeError('bad_input', `${file} cannot be read: ${message}`, { cause: error });
  }
}

async function write(pieces: Iterable<string | Uint8Array>, file: string | undefined): Promise<void> {
  if (file === undefined) return writeOutput(pieces);
  await pipeline(Readable.from(pieces), createWriteStream(file)).catch((error: Error) => {
    throw new KernelscopeError('permission_denied', `${file} cannot be written: ${error.message}`, {
      cause: error,
    });
  });
}

function describeFilters(flags: {
  where?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
  host?: readonly string[] | undefined;
  label?: readonly string[] | undefined;
}): string {
  const { where, since, until, host = [], label = [] } = flags;
  const parts = [where, since && `since ${since}`, until && `until ${until}`, ...host, ...label];
  return parts.filter((part) => part !== undefined && part !== '').join(', ');
}

function nothingToDraw(file: string | undefined): KernelscopeError {
  if (file !== undefined) return new KernelscopeError('no_match', `${file} holds no stacks`);
  return new KernelscopeError('no_match', 'no record with a stack matches', {
    suggestions: ['widen --where, --since or --host; kernelscope db status shows what there is'],
  });
}
