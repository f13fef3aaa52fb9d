import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// Makes dist/assets/web from src/web/app. The bundle is for a browser: an import of node: anywhere below fails here.
const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src/web/app');
const output = join(root, 'dist/assets/web');
const copied = ['index.html', 'icon.svg'];

mkdirSync(output, { recursive: true });
await build({
  entryPoints: [
    { in: join(source, 'main.ts'), out: 'app' },
    { in: join(source, 'styles/app.css'), out: 'app' },
  ],
  outdir: output,
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: ['chrome111', 'firefox115', 'safari16.4'],
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
});
for (const file of copied) copyFileSync(join(source, file), join(output, file));
// What an earlier build made and this one did not; the rest is replaced in place, so that a reader misses nothing.
const made = [...copied, 'app.js', 'app.css'];
for (const file of readdirSync(output)) {
  if (!made.includes(file)) rmSync(join(output, file), { recursive: true });
}
