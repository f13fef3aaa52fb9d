import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// Makes dist/assets/web from src/web/app. The bundle is for a browser: an import of node: anywhere below fails here.
const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src/web/app');
const output = join(root, 'dist/assets/web');

rmSync(output, { recursive: true, force: true });
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
for (const file of ['index.html', 'icon.svg']) copyFileSync(join(source, file), join(output, file));
