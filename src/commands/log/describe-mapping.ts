import { type Category, printable, type ReadProgress, rowEncoder } from '../../core/index.ts';

/** Shows where each column of a category is taken from, and what the first record makes of it: as lines, and as JSON. */
export function describeMapping(
  category: Category,
  format: string,
  { mapping, sample, records, bad, lost, unused }: ReadProgress,
) {
  const stored = rowEncoder(category)(sample?.row ?? {});
  const columns = category.columns.map(({ name, type, unit, optional }) => {
    const origin = mapping?.get(name);
    return {
      column: name,
      type: type === 'elapsed' ? `${type}:${unit ?? 'us'}` : type,
      from: describeOrigin(origin, name, optional ?? false),
      first: stored[name] ?? null,
    };
  });
  const rows = [
    ['column', 'type', 'from', 'first record'],
    ...columns.map(({ column, type, from, first }) => [column, type, from, shown(first)]),
  ];
  const widths = [0, 1, 2].map((at) => Math.max(...rows.map((row) => row[at]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => (at < 3 ? cell.padEnd(widths[at]!) : cell))
      .join('  ')
      .trimEnd(),
  );
  return {
    lines: [`input is ${format}`, ...lines],
    json: { format, columns, records, bad, lost, unused: [...unused] },
  };
}

function describeOrigin(
  origin: { readonly field: string } | { readonly value: string } | undefined,
  column: string,
  isOptional: boolean,
): string {
  if (origin !== undefined) return printable('field' in origin ? origin.field : `= ${origin.value}`);
  if (column === 'hostname') return '--host';
  if (column === 'time') return '--time';
  return isOptional ? 'nothing' : '?';
}

function shown(value: unknown): string {
  const text = value === null ? '' : printable(String(value));
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
