/** A record of somebody's own: its fields by name as they were written, text where the format knows nothing else. */
export interface InputRecord {
  /** Number of the line that it ends on, from 1. */
  readonly line: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What could not be read. */
export interface BadLine {
  readonly line: number;
  readonly problem: string;
}

/** What a stream says besides records: that as many events were lost, or that a line was of no use. */
export type Aside = { readonly lost: number } | { readonly ignored: string };

export type RecordItem = InputRecord | BadLine | Aside;

/** What some formats have to be told. */
export interface RecordOptions {
  /** Regular expression with named groups, for lines of text. */
  readonly pattern?: RegExp;
  /** The only map of bpftrace's that is read. */
  readonly map?: string;
}

/** An input format of records. */
export interface RecordFormat {
  /** Tells from the beginning of an input whether it is in this format. */
  readonly recognizes: (head: string) => boolean;
  /** Hands out records as they arrive, in constant memory. */
  readonly read: (chunks: AsyncIterable<Uint8Array>, options: RecordOptions) => AsyncIterable<RecordItem>;
  /** Fields that stand for the columns by their place rather than by their name. */
  readonly isPositional?: boolean;
}
