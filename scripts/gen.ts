import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What is generated and checked in: file, and how its text is made. Loaded one after the other: later ones read earlier ones. */
const generated: readonly (readonly [string, () => Promise<string>])[] = [
  [
    'src/core/render/svg-client.generated.ts',
    async () => (await import('./gen-svg-client.ts')).genSvgClient(),
  ],
  ['src/commands/manifest.json', async () => (await import('./gen-manifest.ts')).genManifest()],
  ['docs/flamegraph.svg', async () => (await import('./gen-picture.ts')).genPicture()],
  ['docs/cli.md', async () => (await import('./gen-cli-docs.ts')).genCliDocs()],
  ['docs/errors.md', async () => (await import('./gen-error-docs.ts')).genErrorDocs()],
  ['sql/sqlite.sql', async () => (await import('./gen-sql.ts')).genSql('sqlite')],
  ['sql/mysql.sql', async () => (await import('./gen-sql.ts')).genSql('mysql')],
];

const checkOnly = process.argv.includes('--check');
const stale: string[] = [];
for (const [name, make] of generated) keepUpToDate(name, await make());
const pages = (await import('./gen-man-pages.ts')).genManPages();
if (!checkOnly) mkdirSync(pathOf('man'), { recursive: true });
for (const [name, text] of pages) keepUpToDate(name, text);
for (const name of globSync('man/*', { cwd: pathOf('.') }).filter((each) => !pages.has(each))) {
  stale.push(name);
  if (!checkOnly) rmSync(pathOf(name));
}
if (stale.length > 0) console.error(`${checkOnly ? 'stale, run npm run gen:' : 'wrote'} ${stale.join(', ')}`);
if (checkOnly && stale.length > 0) process.exitCode = 1;

function keepUpToDate(name: string, text: string): void {
  if (readText(pathOf(name)) === text) return;
  stale.push(name);
  if (!checkOnly) writeFileSync(pathOf(name), text);
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../${name}`, import.meta.url));
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
