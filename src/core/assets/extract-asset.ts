import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, extname, isAbsolute, join } from 'node:path';
import { KernelscopeError } from '../base/kernelscope-error.ts';
import { describeErrno, safeFolder, Unusable, whyUnusable } from '../files/safe-folder.ts';
import { assetFile, packedHash, readAsset } from './read-asset.ts';

/** How much of an extracted file is read at a time to compare it: what stays in the processor's cache. */
const PIECE_BYTES = 1 << 16;

/**
 * Gives the path of a real file with the asset's bytes: the built file itself where there is one, else a copy under its
 * content hash in the first cache folder that is safe. With `executable` it has been run once with `--version`, so that
 * a folder mounted noexec is passed over. Safe is a folder, and a file, that only this user or root can write to.
 * Throws `asset_missing`, and `cannot_trace` or `permission_denied` naming every folder tried and why it will not do.
 */
export function extractAsset(
  name: string,
  options: { readonly executable: boolean; readonly folders?: readonly string[] },
): string {
  const refusals: string[] = [];
  const built = assetFile(name);
  if (built !== undefined) {
    const reason = attempt(() => {
      if (options.executable) checkBuiltFile(built);
    });
    if (reason === undefined) return built;
    refusals.push(`${built}: ${reason}`);
  }
  const hash = packedHash(name);
  return placeAsset(name, readAsset(name), hash === undefined ? options : { ...options, hash }, refusals);
}

/**
 * Does the same for bytes that the caller has already, and their SHA-256 if that is known: hashing them is most of the
 * work. `refusals` are the places that were tried before.
 */
export function placeAsset(
  name: string,
  bytes: Uint8Array,
  options: { readonly executable: boolean; readonly folders?: readonly string[]; readonly hash?: string },
  refusals: readonly string[] = [],
): string {
  const tried = [...refusals];
  const hash = options.hash ?? createHash('sha256').update(bytes).digest('hex');
  for (const folder of options.folders ?? cacheFolders(process.env)) {
    let path = '';
    const reason = attempt(() => {
      path = placeIn(folder, name, bytes, hash);
      if (options.executable) checkRuns(path);
    });
    if (reason === undefined) return path;
    tried.push(`${folder}: ${reason}`);
  }
  throw new KernelscopeError(
    'permission_denied',
    `no folder can hold the file '${name}' that kernelscope has to ${options.executable ? 'run' : 'load'}\n${tried.map((line) => `  ${line}`).join('\n')}`,
    {
      suggestions: [
        'set KERNELSCOPE_CACHE to a folder of your own that is not mounted noexec and that nobody else can write to',
      ],
    },
  );
}

/** Lists the folders that an asset may be extracted to, the best first. */
export function cacheFolders(environment: NodeJS.ProcessEnv): readonly string[] {
  const uid = process.getuid?.() ?? 0;
  const { KERNELSCOPE_CACHE: own, CACHE_DIRECTORY: ofUnit, XDG_CACHE_HOME: xdg, HOME: home } = environment;
  const folders = [
    own,
    // Of a systemd unit, which may have several. It can be a symbolic link itself.
    ofUnit && join(ofUnit.split(':')[0]!, 'assets'),
    xdg && join(xdg, 'kernelscope'),
    home && join(home, '.cache/kernelscope'),
    '/var/cache/kernelscope',
    `/run/user/${uid}/kernelscope`,
    `/tmp/kernelscope-${uid}`,
  ];
  return [...new Set(folders.filter((folder) => folder !== undefined && folder !== ''))] as string[];
}

/** Runs the step, and gives the reason where this folder will not do. */
function attempt(step: () => void): string | undefined {
  try {
    step();
    return undefined;
  } catch (error) {
    return whyUnusable(error);
  }
}

/** Puts the bytes into the folder, or finds them there, and gives the path. */
function placeIn(folder: string, name: string, bytes: Uint8Array, hash: string): string {
  if (!isAbsolute(folder)) throw new Unusable('the path is not absolute');
  const real = safeFolder(folder);
  const extension = extname(name);
  const path = join(real, `${basename(name, extension)}-${hash.slice(0, 32)}${extension}`);
  if (!isWholeFile(path, bytes)) writeWhole(path, bytes);
  // Answers for the mount too: no file on a noexec mount may be executed, nor mapped as code, by anybody.
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw new Unusable('the file system is mounted noexec');
  }
  return path;
}

/** Tells whether the path holds exactly these bytes in a regular file that only this user or root can write to. */
function isWholeFile(path: string, bytes: Uint8Array): boolean {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    // A planted symbolic link is replaced, not followed.
    if (isErrno(error, 'ENOENT', 'ELOOP', 'EACCES', 'ENXIO')) return false;
    throw error;
  }
  try {
    const stats = fstatSync(fd);
    const isOurs = stats.uid === 0 || stats.uid === process.getuid?.();
    return (
      stats.isFile() &&
      isOurs &&
      (stats.mode & 0o022) === 0 &&
      stats.size === bytes.length &&
      holds(fd, bytes)
    );
  } finally {
    closeSync(fd);
  }
}

/** Tells whether a file of that size has these bytes; by pieces, since fresh memory for all of it costs more than reading it. */
function holds(fd: number, bytes: Uint8Array): boolean {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  for (let at = 0; at < bytes.length; ) {
    const size = readSync(fd, piece, 0, Math.min(piece.length, bytes.length - at), at);
    if (size === 0 || piece.compare(bytes, at, at + size, 0, size) !== 0) return false;
    at += size;
  }
  return true;
}

/** Writes under a name nobody can guess, then renames: no reader sees half a file, and no planted one is written into. */
function writeWhole(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.${randomBytes(8).toString('hex')}`;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const fd = openSync(temporary, flags, 0o600);
  try {
    try {
      writeFileSync(fd, bytes);
      fchmodSync(fd, 0o555);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    unlinkSync(temporary);
    if (isErrno(error, 'EISDIR')) throw new Unusable(`${path} is a folder`);
    throw error;
  }
}

function checkBuiltFile(path: string): void {
  const stats = statSync(path);
  if ((stats.mode & 0o022) !== 0) throw new Unusable('others can write to it');
  checkRuns(path);
}

function checkRuns(path: string): void {
  const { error, status, signal } = spawnSync(path, ['--version'], {
    stdio: 'ignore',
    env: {},
    timeout: 10_000,
  });
  if (error !== undefined) {
    const code = (error as NodeJS.ErrnoException).code ?? error.message;
    throw new Unusable(
      code === 'EACCES'
        ? 'a program there may not be run: mounted noexec, or forbidden by a security module'
        : `it cannot be run: ${describeErrno(code)}`,
    );
  }
  // A file that is no program at all is handed to a shell by execvp, which then complains.
  if (status !== 0) throw new Unusable(`it cannot be run: it ends with ${signal ?? `exit code ${status}`}`);
}

function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '');
}
