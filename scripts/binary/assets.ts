import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The files that go into the binary beside its code, by the name that `readAsset` asks for: all of `dist/assets`, the
 * SQL schemas and the SQLite add-on. Throws where `npm run build` has not run.
 */
export function assetFiles(root: string): Readonly<Record<string, string>> {
  const built = join(root, 'dist/assets');
  if (!existsSync(join(root, 'dist/core/index.js'))) throw new Error('dist is not built: npm run build');
  const names = globSync('**/*', { cwd: built, withFileTypes: true }).filter((entry) => entry.isFile());
  return {
    ...Object.fromEntries(
      names
        .map((entry) => join(entry.parentPath, entry.name))
        .map((file) => [file.slice(built.length + 1), file]),
    ),
    ...Object.fromEntries(globSync('sql/**/*.sql', { cwd: root }).map((file) => [file, join(root, file)])),
    'native/better_sqlite3.node': join(
      root,
      `node_modules/better-sqlite3/prebuilds/linux-${process.arch}.node`,
    ),
  };
}
