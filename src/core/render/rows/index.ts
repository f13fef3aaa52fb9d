import type { RowFormat } from './row-format.ts';

/** The formats of `query --format`, each loaded when it is used; a new one is one more line here. */
export const rowFormats = {
  table: async () => (await import('./table.ts')).printTable,
  json: async () => (await import('./json.ts')).printJson,
  ndjson: async () => (await import('./json.ts')).printNdjson,
  csv: async () => (await import('./csv.ts')).printCsv,
  tsv: async () => (await import('./csv.ts')).printTsv,
  folded: async () => (await import('./folded.ts')).printFolded,
  chart: async () => (await import('./chart.ts')).printChart,
} as const satisfies Record<string, () => Promise<RowFormat>>;

export type RowFormatName = keyof typeof rowFormats;
