import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Modules, as they are imported, that are slow to load and that what imports them seldom needs: some of Node's (1 to 9
 * ms each), what single output formats are made with, and what oclif has for plugins in folders, for secrets and for the
 * looks of help and errors.
 */
const slowModules = [
  'ansis',
  'chalk',
  'child_process',
  'cli-spinners',
  'crypto',
  'fastest-levenshtein',
  'fs/promises',
  'get-package-type',
  'minimatch',
  'perf_hooks',
  'pprof-format',
  'readline',
  'stream/promises',
  'supports-color',
  'timers/promises',
  'tinyglobby',
  'wrap-ansi',
  'zlib',
  '../util/read-pjson',
];

/** What the bundle calls the functions that a barrel has of its own. */
const ownCode = 'lazy-barrel-own';

/**
 * Makes a barrel and slow modules lazy in the bundle: each name is a getter that loads its module when it is first
 * used. Without it the first import from `core/index.ts` would evaluate the whole library at every start.
 */
export function lazyModules(barrel: string): Plugin {
  return {
    name: 'lazy-modules',
    setup(build) {
      build.onResolve({ filter: /\/index\.ts$/ }, ({ path, resolveDir }) =>
        join(resolveDir, path) === barrel ? { path: barrel, namespace: 'lazy-barrel' } : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: 'lazy-barrel' }, () => ({
        contents: lazyBarrel(readFileSync(barrel, 'utf8')).contents,
        resolveDir: dirname(barrel),
      }));
      build.onResolve({ filter: new RegExp(`^${ownCode}$`) }, () => ({ path: barrel, namespace: ownCode }));
      build.onLoad({ filter: /.*/, namespace: ownCode }, () => ({
        contents: lazyBarrel(readFileSync(barrel, 'utf8')).own,
        resolveDir: dirname(barrel),
        loader: 'ts',
      }));

      // oclif asks at each start whether this is Windows' Linux, which takes 2 ms, only to name the platform.
      build.onResolve({ filter: /^wsl-utils$/ }, ({ path }) => ({ path, namespace: 'not-windows' }));
      build.onLoad({ filter: /.*/, namespace: 'not-windows' }, () => ({
        contents: 'export const isWsl = false;',
      }));

      // oclif wants the version out of its own description, which takes 3 ms to read.
      build.onLoad({ filter: /\/@oclif\/core\/package\.json$/ }, ({ path }) => ({
        contents: JSON.stringify({ version: JSON.parse(readFileSync(path, 'utf8')).version }),
        loader: 'json',
      }));

      // An object of that size is made from JSON three times as fast as from code: 2 ms of every start.
      build.onLoad({ filter: /\/src\/commands\/manifest\.json$/ }, ({ path }) => ({
        contents: `module.exports = JSON.parse(${JSON.stringify(JSON.stringify(JSON.parse(readFileSync(path, 'utf8'))))});`,
      }));

      // oclif logs its doings by it: without DEBUG it would load node:tty and all of node:net (3 ms) to find out colours.
      build.onResolve({ filter: /^debug$/ }, ({ path, namespace, resolveDir }) =>
        namespace === 'debug-if-asked'
          ? undefined
          : { path, namespace: 'debug-if-asked', pluginData: resolveDir },
      );
      build.onLoad({ filter: /.*/, namespace: 'debug-if-asked' }, ({ path, pluginData: resolveDir }) => ({
        contents: `module.exports = process.env.DEBUG ? require('${path}') : () => Object.assign(() => {}, { enabled: false });`,
        resolveDir,
      }));

      // The tables of character widths take 5 to 40 ms to compile; plain ASCII does not need them.
      build.onResolve({ filter: /^string-width$/ }, ({ path, namespace, resolveDir }) =>
        namespace === 'ascii-first' ? undefined : { path, namespace: 'ascii-first', pluginData: resolveDir },
      );
      build.onLoad({ filter: /.*/, namespace: 'ascii-first' }, ({ path, pluginData: resolveDir }) => ({
        contents: `module.exports = (text) => {
  if (/^[\\x20-\\x7e]*$/.test(text)) return text.length;
  const loaded = require('${path}');
  return (loaded.default ?? loaded)(text);
};`,
        resolveDir,
      }));

      // Help renders each of its texts as a template, and ejs compiles each, which takes 3 ms of --help. Few are templates.
      build.onResolve({ filter: /^ejs$/ }, ({ path, namespace, resolveDir }) =>
        namespace === 'templates-only'
          ? undefined
          : { path, namespace: 'templates-only', pluginData: resolveDir },
      );
      build.onLoad({ filter: /.*/, namespace: 'templates-only' }, ({ path, pluginData: resolveDir }) => ({
        contents: `exports.render = (template, ...data) => (/<%|%>/.test(template) ? require('${path}').render(template, ...data) : template);`,
        resolveDir,
      }));

      const slow = new RegExp(`^(node:)?(${slowModules.join('|')})$`);
      build.onResolve({ filter: slow }, ({ path, namespace, resolveDir }) =>
        // The module's own getters mean the module itself.
        namespace === 'lazy-module' ? undefined : { path, namespace: 'lazy-module', pluginData: resolveDir },
      );
      build.onLoad({ filter: /.*/, namespace: 'lazy-module' }, ({ path, pluginData: resolveDir }) => ({
        contents: lazyModule(path, createRequire(join(resolveDir, 'importer.js'))(path)),
        resolveDir,
      }));
    },
  };
}

/**
 * Rewrites the lines `export { a, b as c, type D } from './module.ts';` of a barrel as getters, `contents`; functions
 * that it has of its own become a module, `own`, that `contents` takes in. Throws for what would load at once.
 */
export function lazyBarrel(barrel: string): { readonly contents: string; readonly own: string } {
  const getters = ['__esModule: true'];
  const own = barrel
    .replaceAll(/\/\*.*?\*\/|^\s*\/\/[^\n]*$/gms, '')
    .replaceAll(/^export (type )?\{([^}]*)\} from '([^']+)';/gm, (_, types, names, module) => {
      getters.push(
        ...(types === undefined ? namesOf(names).map(([name, as]) => getter(as, module, name)) : []),
      );
      return '';
    })
    .trim();
  const eager = /^(?:import (?!type )|export \*).*/m.exec(own);
  if (eager !== null) {
    throw new Error(
      `a barrel may hold functions and lines "export { names } from 'module';", not ${eager[0]}`,
    );
  }
  // As the prototype of what is exported: esbuild makes every importer an object of its own, with a copy of what a module
  // exports; each command has some fifteen importers of a barrel of hundreds of names (3 ms).
  const contents = `module.exports = Object.create({\n${getters.join(',\n')}\n});\n`;
  if (own === '') return { contents, own };
  const takeIn = `Object.defineProperties(module.exports, Object.getOwnPropertyDescriptors(require('${ownCode}')));\n`;
  return { contents: contents + takeIn, own };
}

/** Reads `a, b as c, type D` as pairs of a name and what it is exported as; types are left out. */
function namesOf(list: string): readonly (readonly [string, string])[] {
  return list
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '' && !entry.startsWith('type '))
    .map((entry) => {
      const [name, as] = entry.split(' as ');
      return [name!, as ?? name!];
    });
}

/** Makes the code of a module that stands for `module`, which is `loaded`. */
function lazyModule(module: string, loaded: object): string {
  const getters = exportAll(namesIn(loaded).map((name) => getter(name, module, name)));
  if (typeof loaded !== 'function') return getters;
  return `${getters}module.exports = Object.defineProperties((...args) => require('${module}')(...args), Object.getOwnPropertyDescriptors(module.exports));\n`;
}

/** Lists what a module has by itself and, as ansis has its colours, by a prototype of its own. */
function namesIn(loaded: object): readonly string[] {
  const prototype: object = Object.getPrototypeOf(loaded);
  const isOwn = typeof loaded === 'object' && prototype !== Object.prototype && prototype !== null;
  return [...Object.keys(loaded), ...(isOwn ? Object.getOwnPropertyNames(prototype) : [])];
}

function getter(exported: string, module: string, name: string): string {
  return `get ${exported}() { return require('${module}').${name}; }`;
}

function exportAll(members: readonly string[]): string {
  return `module.exports = {\n${members.join(',\n')}\n};\n`;
}
