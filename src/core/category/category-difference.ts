import { type Category, type Column, entryColumns } from './define-category.ts';

/** Says in words where two categories of one name differ first, as seen from the declared one; undefined where they are the same. */
export function categoryDifference(declared: Category, wanted: Category): string | undefined {
  if (declared.prettyName !== wanted.prettyName)
    return `it is called '${declared.prettyName}' there, and '${wanted.prettyName}' here`;
  const there = entryColumns(declared);
  const here = entryColumns(wanted);
  const missing = there.find((column) => !here.some(({ name }) => name === column.name));
  if (missing !== undefined) return `it has a column '${missing.name}' there, and none here`;
  for (const [index, column] of here.entries()) {
    const other = there.find(({ name }) => name === column.name);
    if (other === undefined) return `it has no column '${column.name}' there`;
    if (describe(other) !== describe(column))
      return `its column '${column.name}' is ${describe(other)} there, and ${describe(column)} here`;
    if (other.prettyName !== column.prettyName)
      return `its column '${column.name}' is called '${other.prettyName}' there, and '${column.prettyName}' here`;
    if (there[index] !== other) return `its columns stand in another order there: ${namesOf(there)}`;
  }
  return undefined;
}

function describe({ type, unit, optional }: Column): string {
  const kind = type === 'elapsed' ? `elapsed in ${unit ?? 'us'}` : type;
  return optional ? `${kind}, optional` : kind;
}

function namesOf(columns: readonly Column[]): string {
  return columns.map(({ name }) => name).join(', ');
}
