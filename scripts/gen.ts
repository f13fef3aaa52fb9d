import { readFileSync, writeFileSync } from 'node:fs';
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
for (const [name, make] of generated) {
  const file = fileURLToPath(new URL(`../${name}`, import.meta.url));
  const text = await make();
  if (readText(file) === text) continue;
  stale.push(name);
  if (!checkOnly) writeFileSync(file, text);
}
if (stale.length > 0) console.error(`${checkOnly ? 'stale, run npm run gen:' : 'wrote'} ${stale.join(', ')}`);
if (checkOnly && stale.length > 0) process.exitCode = 1;

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
