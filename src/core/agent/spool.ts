import {
  accessSync,
  constants,
  type Dirent,
  readdirSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { KernelscopeError } from '../base/kernelscope-error.ts';
import { makeFolders } from '../files/make-folders.ts';
import { safeFolder, Unusable, whyUnusable } from '../files/safe-folder.ts';
import type { Batch } from '../wire/batch.ts';
import { type Parcel, unpackBody } from './parcel.ts';
import { isAbandoned, makeOwner, nameLeft } from './spool-owner.ts';
import {
  openRecord,
  parseRecordName,
  printRecordName,
  RECORD_HEAD_BYTES,
  type RecordName,
  sealRecord,
  UnreadableRecord,
} from './spool-record.ts';

/** What may wait at most. */
export interface SpoolLimits {
  /** Of all records together, each rounded up to blocks of 4 KiB. */
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

/** A parcel that waits on disk; thousands may, so that it keeps no more than it must. */
export class SpooledParcel implements Parcel {
  readonly #folder: string;
  readonly #name: string;
  /** What it takes, as the limit counts it. */
  readonly bytes: number;
  readonly entries: number;
  readonly lost: number;
  /** When it was written, milliseconds since 1970 UTC. */
  readonly writtenMs: number;

  constructor(folder: string, name: string, { entries, lost, timeMs }: RecordName, size: number) {
    this.#folder = folder;
    this.#name = name;
    this.bytes = inBlocks(size);
    this.entries = entries;
    this.lost = lost;
    this.writtenMs = timeMs;
  }

  get name(): string {
    return this.#name;
  }

  get path(): string {
    return join(this.#folder, this.#name);
  }

  get key(): string {
    return parseRecordName(this.#name)!.key;
  }

  /** As of `Parcel`. Throws `UnreadableRecord`, and `spool_unusable` where it can be read later. */
  body(): Promise<Uint8Array> {
    return readRecord(this.path);
  }

  /** As of `Parcel`. Throws as `body` does, and as `decodeBatch`. */
  async batch(): Promise<Batch> {
    return unpackBody(await this.body());
  }
}

const BLOCK_BYTES = 4096;
const SET_ASIDE = 'set-aside';
/** Records that are kept of those that were set aside. */
const MAX_SET_ASIDE = 10;

/** Errors of a system that is short of something: the file itself is well. */
const passingErrors = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN']);

/**
 * A folder where batches wait for one destination, a file each: see docs/decisions/0050. Each agent writes into a folder
 * of its own, and takes over those of agents that are no more when it opens the spool.
 */
export class Spool {
  readonly folder: string;
  readonly limits: SpoolLimits;
  /** What earlier agents left, the oldest first. */
  readonly leftOver: readonly SpooledParcel[];
  readonly #owner = makeOwner();
  readonly #ownFolders: string[];
  #bytes: number;
  #number = 0;

  /** Use `openSpool`. */
  constructor(folder: string, limits: SpoolLimits) {
    this.folder = folder;
    this.limits = limits;
    this.#ownFolders = [join(folder, `${this.#owner}.0`), ...this.#takeOver()];
    this.leftOver = this.#ownFolders
      .slice(1)
      .flatMap((own) => this.#listRecords(own))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    this.#bytes = this.leftOver.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** What waits here, as the limit counts it. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What a parcel with that body takes, as the limit counts it. */
  bytesOf(body: Uint8Array): number {
    return inBlocks(RECORD_HEAD_BYTES + body.byteLength);
  }

  /**
   * Writes a parcel, whole or not at all. With `isToStay` it is on the disk for good when this resolves, else with the
   * system, which survives the end of this process. Throws `spool_unusable` or `permission_denied`.
   */
  async add(parcel: Parcel, isToStay: boolean): Promise<SpooledParcel> {
    const { entries, lost, key } = parcel;
    const record = { timeMs: Math.max(0, Date.now()), number: this.#number++, entries, lost, key };
    const name = printRecordName(record);
    const bytes = sealRecord(name, await parcel.body());
    const own = this.#ownFolders[0]!;
    try {
      await writeRecord(own, name, bytes, isToStay).catch((error: NodeJS.ErrnoException) => {
        // Not made yet; or another agent, which cannot see this process, took the folder for one that was left.
        if (error.code !== 'ENOENT') throw error;
        makeFolders(own, 0o700);
        return writeRecord(own, name, bytes, isToStay);
      });
    } catch (error) {
      throw spoolProblem(this.folder, error);
    }
    const spooled = new SpooledParcel(own, name, record, bytes.length);
    this.#bytes += spooled.bytes;
    return spooled;
  }

  /** Makes sure that a parcel outlives the machine's power; where that fails it is no worse off than before. */
  async keep({ path }: SpooledParcel): Promise<void> {
    for (const file of [path, dirname(path), this.folder]) await sync(file).catch(ignoreSystemError);
  }

  /** Removes a parcel that is stored, or given up. Where that fails its key makes sending it again harmless. */
  async remove({ path, bytes }: SpooledParcel): Promise<void> {
    this.#bytes -= bytes;
    await unlink(path).catch(ignoreSystemError);
  }

  /** Moves a parcel out of the way, where it can be looked at: the last ten are kept. */
  async setAside({ path, name, bytes }: SpooledParcel): Promise<void> {
    this.#bytes -= bytes;
    const folder = join(this.folder, SET_ASIDE);
    try {
      makeFolders(folder, 0o700);
      await rename(path, join(folder, name));
      const names = (await readdir(folder)).filter((name) => parseRecordName(name) !== undefined).sort();
      for (const name of names.slice(0, -MAX_SET_ASIDE)) await unlink(join(folder, name));
    } catch (error) {
      ignoreSystemError(error);
    }
  }

  /** Leaves what still waits to the next agent, and removes what is empty. */
  close(): void {
    for (const own of this.#ownFolders)
      ignoringSystemErrors(() => removeIfEmpty(own) || renameSync(own, join(this.folder, nameLeft())));
    ignoringSystemErrors(() => removeIfEmpty(this.folder));
  }

  /** Renames the folders of agents that are no more; of several agents that try, one succeeds. */
  #takeOver(): readonly string[] {
    const taken: string[] = [];
    for (const { name } of listFolder(this.folder).filter((entry) => entry.isDirectory())) {
      if (!isAbandoned(name)) continue;
      const own = join(this.folder, `${this.#owner}.${taken.length + 1}`);
      ignoringSystemErrors(() => {
        renameSync(join(this.folder, name), own);
        taken.push(own);
      });
    }
    return taken;
  }

  #listRecords(own: string): readonly SpooledParcel[] {
    const found: SpooledParcel[] = [];
    ignoringSystemErrors(() => {
      for (const { name } of listFolder(own)) {
        const path = join(own, name);
        const record = parseRecordName(name);
        if (record !== undefined) found.push(new SpooledParcel(own, name, record, statSync(path).size));
        // What was being written when its agent was killed was never said to be kept.
        if (name.endsWith('.batch.tmp')) unlinkSync(path);
      }
    });
    return found;
  }
}

/**
 * Opens the part of a spool that is for one destination, a plain name, and takes over what waits there. Throws
 * `permission_denied` where the folder cannot be used, or others can write to it, and `spool_unusable` where it fails.
 */
export function openSpool(folder: string, destination: string, limits: SpoolLimits): Spool {
  try {
    makeFolders(folder, 0o700);
    const place = join(safeFolder(folder), destination);
    makeFolders(place, 0o700);
    accessSync(place, constants.R_OK | constants.W_OK | constants.X_OK);
    return new Spool(place, limits);
  } catch (error) {
    throw spoolProblem(folder, error);
  }
}

function inBlocks(size: number): number {
  return Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
}

async function readRecord(path: string): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (passingErrors.has(code)) throw spoolProblem(dirname(path), error);
    throw new UnreadableRecord(`it cannot be read: ${whyUnusable(error)}`, code === 'ENOENT');
  }
  return openRecord(basename(path), bytes);
}

/** Writes under another name first, so that a file with a record's name is whole, whenever the process is killed. */
async function writeRecord(
  folder: string,
  name: string,
  bytes: Uint8Array,
  isToStay: boolean,
): Promise<void> {
  const temporary = join(folder, `${name}.tmp`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      if (isToStay) await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(folder, name));
    if (isToStay) for (const above of [folder, dirname(folder)]) await sync(above);
  } catch (error) {
    await unlink(temporary).catch(ignoreSystemError);
    throw error;
  }
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function listFolder(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    // An agent that ends removes its folders when they are empty.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function removeIfEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return true;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

function ignoringSystemErrors(step: () => unknown): void {
  try {
    step();
  } catch (error) {
    ignoreSystemError(error);
  }
}

/** A spool that fails must not end the trace; what is no error of the system is a bug, and does. */
function ignoreSystemError(error: unknown): void {
  whyUnusable(error);
}

function spoolProblem(folder: string, error: unknown): KernelscopeError {
  const { code } = error as NodeJS.ErrnoException;
  const isForbidden = error instanceof Unusable || ['EACCES', 'EPERM', 'EROFS'].includes(code ?? '');
  return new KernelscopeError(
    isForbidden ? 'permission_denied' : 'spool_unusable',
    `the spool ${folder} cannot be used: ${whyUnusable(error)}`,
    {
      suggestions: [
        ...(code === 'ENOSPC' || code === 'EDQUOT' ? ['make room on that disk'] : []),
        'name another folder, that this user alone can write to: --spool FOLDER',
        'or keep batches that wait in memory alone: --no-spool',
      ],
      cause: error,
    },
  );
}
