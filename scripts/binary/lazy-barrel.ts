import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Makes a barrel lazy in the bundle: each name is a getter that evaluates its module when it is first used. Without
 * it the first import from `core/index.ts` would evaluate the whole library at every start.
 */
export function lazyBarrel(barrel: string): Plugin {
  return {
    name: 'lazy-barrel',
    setup(build) {
      build.onResolve({ filter: /\/index\.ts$/ }, ({ path, resolveDir }) =>
        join(resolveDir, path) === barrel ? { path: barrel, namespace: 'lazy-barrel' } : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: 'lazy-barrel' }, ({ path }) => ({
        contents: lazyExports(readFileSync(path, 'utf8')),
        resolveDir: dirname(path),
        loader: 'js',
      }));
    },
  };
}

/** Rewrites the lines `export { a, b as c, type D } from './module.ts';` as getters over `require`. Throws on any other code. */
export function lazyExports(barrel: string): string {
  const code = barrel.replaceAll(/\/\*.*?\*\/|^\s*\/\/[^\n]*$/gms, '');
  const getters: string[] = [];
  const rest = code.replaceAll(
    /export (type )?\{([^}]*)\} from '([^']+)';/g,
    (_, types: string | undefined, names: string, module: string) => {
      for (const entry of types === undefined ? names.split(',').map((name) => name.trim()) : []) {
        if (entry === '' || entry.startsWith('type ')) continue;
        const [name, exported = name] = entry.split(' as ');
        getters.push(`get ${exported}() { return require('${module}').${name}; }`);
      }
      return '';
    },
  );
  if (rest.trim() !== '') {
    throw new Error(
      `a barrel may only hold lines "export { names } from 'module';", but this one holds:\n${rest.trim()}`,
    );
  }
  return `module.exports = {\n${['__esModule: true', ...getters].join(',\n')}\n};\n`;
}
