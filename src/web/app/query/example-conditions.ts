import type { Category, Column, ColumnType } from '../../../core/category/define-category.ts';

/** A where clause and what it shows. */
export interface ExampleCondition {
  readonly where: string;
  readonly meaning: string;
}

type Example = (column: string) => ExampleCondition;

/** What is typical of each type of column. */
const examples: Readonly<Record<ColumnType, readonly Example[]>> = {
  elapsed: [
    (column) => ({
      where: `${column} > 5ms`,
      meaning: 'a duration with its unit; without one, in that of the column',
    }),
  ],
  stack: [
    (column) => ({ where: `${column} contains fsync`, meaning: 'a part of the text; also: not contains' }),
    (column) => ({ where: `${column} ~ 'ext4|btrfs'`, meaning: 'a regular expression; also: !~' }),
  ],
  string: [
    (column) => ({
      where: `${column} in (dd, 'my app')`,
      meaning: 'one of these; quotes around spaces and signs',
    }),
    (column) => ({ where: `${column} != dd`, meaning: 'another value' }),
  ],
  int: [(column) => ({ where: `${column} >= 1000`, meaning: 'a number; also a size such as 10MB' })],
  timestamp: [
    (column) => ({ where: `${column} >= -2h`, meaning: 'so long ago, or a date: 2016-10-24 17:12' }),
  ],
};

/** Writes conditions in the columns of a category: what is special about it first, what all have last. */
export function exampleConditions(category: Category): readonly ExampleCondition[] {
  const columns = (Object.keys(examples) as ColumnType[])
    .map((type) => {
      const ofType = category.columns.filter((column) => column.type === type);
      return ofType.findLast(({ optional }) => !optional) ?? ofType.at(-1);
    })
    .filter((column) => column !== undefined);
  const written = columns.flatMap((column) => examples[column.type].map((example) => example(column.name)));
  return [
    ...written,
    { where: 'labels.kernel = v6.12', meaning: 'a label that the records were logged with' },
    { where: `${lastOf(columns)} is null`, meaning: 'no value; also: is not null' },
    { where: 'a and (b or not c)', meaning: 'conditions joined; and binds tighter than or' },
  ];
}

function lastOf(columns: readonly Column[]): string {
  return columns.at(-1)?.name ?? 'time';
}
