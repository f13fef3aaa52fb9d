import { createHash } from 'node:crypto';

/**
 * What the name of a record's file says, so that a folder can be listed without reading it, and what was lost is known of
 * a record that cannot be read: `<time>-<number>-<entries>-<lost>-<key>.batch`, which sorts by time.
 */
export interface RecordName {
  /** When it was written, milliseconds since 1970 UTC. */
  readonly timeMs: number;
  /** Of records written in the same millisecond. */
  readonly number: number;
  readonly entries: number;
  readonly lost: number;
  /** A UUID. */
  readonly key: string;
}

/** Why a record cannot be read; `isGone` where there is none any more. */
export class UnreadableRecord extends Error {
  readonly isGone: boolean;

  constructor(message: string, isGone = false) {
    super(message);
    this.isGone = isGone;
  }
}

const MAGIC = 'kernelscope-spool 1 ';
/** Length of what comes before the body. */
export const RECORD_HEAD_BYTES = MAGIC.length + 64 + 1;
const namePattern = /^(\d{13})-(\d{6})-(\d{1,16})-(\d{1,16})-([0-9a-f-]{36})\.batch$/;

/** Makes the name of a record's file. */
export function printRecordName({ timeMs, number, entries, lost, key }: RecordName): string {
  const time = String(timeMs).padStart(13, '0');
  return `${time}-${String(number % 1e6).padStart(6, '0')}-${entries}-${lost}-${key}.batch`;
}

/** Reads the name of a record's file; undefined where it is none. */
export function parseRecordName(name: string): RecordName | undefined {
  const match = namePattern.exec(name);
  if (match === null) return undefined;
  const [timeMs, number, entries, lost] = match.slice(1, 5).map(Number) as [number, number, number, number];
  if (!Number.isSafeInteger(entries) || !Number.isSafeInteger(lost)) return undefined;
  return { timeMs, number, entries, lost, key: match[5]! };
}

/**
 * Makes a record: a line with the format's version and the SHA-256, in hexadecimal, of the file's name, a line end and
 * the body; then the body. `tail -n +2 FILE | zcat` shows it.
 */
export function sealRecord(name: string, body: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${MAGIC}${checksum(name, body)}\n`), body]);
}

/** Gives the body of a record. Throws `UnreadableRecord` unless it is whole, unchanged and under its own name. */
export function openRecord(name: string, bytes: Uint8Array): Uint8Array {
  const head = Buffer.from(bytes.subarray(0, RECORD_HEAD_BYTES)).toString('latin1');
  if (!head.startsWith(MAGIC)) {
    throw new UnreadableRecord(
      /^kernelscope-spool \d+ /.test(head)
        ? 'it was written by another version of kernelscope'
        : 'it is damaged: it does not begin as a batch does',
    );
  }
  const body = bytes.subarray(RECORD_HEAD_BYTES);
  if (head.slice(MAGIC.length) !== `${checksum(name, body)}\n`)
    throw new UnreadableRecord('it is damaged: its checksum is not that of what it holds');
  return body;
}

function checksum(name: string, body: Uint8Array): string {
  return createHash('sha256').update(`${name}\n`).update(body).digest('hex');
}
