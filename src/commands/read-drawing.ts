import {
  buildTree,
  type Category,
  type Condition,
  chooseStackColumns,
  type FrameTree,
  findColumn,
  KernelscopeError,
  type RecordSource,
  type RenderOptions,
  readFileChunks,
  readStacks,
  type StackQuery,
  weighGroups,
} from '../core/index.ts';

/** A tree to be drawn, and what is to be said of it. */
export interface Drawing {
  readonly tree: FrameTree;
  readonly options: RenderOptions;
}

/** Which columns stacks and their weights come from, and what they are grouped by. */
export interface StackChoice {
  readonly stack?: string | undefined;
  readonly weight?: string | undefined;
  readonly by?: readonly string[] | undefined;
}

/** Weighs the stacks of records into a tree. Throws `bad_query` or `unknown_column`. */
export async function readRecords(
  source: RecordSource,
  category: Category,
  where: Condition,
  choice: StackChoice,
): Promise<Drawing> {
  const columns = chooseColumns(category, choice.stack, choice.weight);
  const query: StackQuery = { kind: 'stacks', category, ...columns, where };
  const by = choice.by ?? [];
  const stacks = await (by.length === 0 ? source.weighStacks(query) : weighGroups(source, query, by));
  const { lost } = await source.scope(category, where);
  const weight = columns.weight === undefined ? undefined : findColumn(category, columns.weight);
  const unit = weight?.type === 'elapsed' ? (weight.unit ?? 'us') : 'count';
  return { tree: buildTree(stacks), options: { unit, title: category.prettyName, lost } };
}

/** Reads the stacks of a file, or of stdin for `-`, into a tree; `unit` is what the file does not say. Throws `bad_input`. */
export async function readFileOfStacks(
  file: string,
  format: string | undefined,
  unit: RenderOptions['unit'] | undefined,
): Promise<Drawing> {
  try {
    const input = await readStacks(file === '-' ? process.stdin : readFileChunks(file), format);
    return { tree: buildTree(input.stacks), options: { unit: unit ?? input.unit } };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EACCES' && code !== 'EISDIR') throw error;
    throw new KernelscopeError('bad_input', `${file} cannot be read: ${message}`, { cause: error });
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
