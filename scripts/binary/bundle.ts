import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { lazyModules } from './lazy-modules.ts';

/** One script of the binary: the command line (`main`), a worker thread by its name, or a package. */
export interface Bundle {
  /** The name of a package with `/` as `-`. */
  readonly name: string;
  /** An expression: a function of `require` that evaluates the bundle and returns its exports. */
  readonly code: string;
  /** What went into it, for the licence texts. */
  readonly metafile: Metafile;
}

/** What libraries only try to load, and add-ons, which are files of their own. */
const external = ['typescript', 'pnpapi', 'ts-node', 'tsx', '*.node'];

/**
 * Packages of size that few commands need: left out of what every start has to read. The prompts come with the tables of
 * all character sets there are, for an editor that nobody asks for.
 */
const packagesApart = ['@inquirer/prompts', 'csv-parse', 'fastify', 'mysql2/promise', 'prom-client', 're2js'];

/**
 * Bundles the command line, every `src/core/<name>/<name>-worker.ts` and the packages apart, each for itself: a thread
 * reads only what it runs. What a package apart is required by gets it from boot.cjs.
 */
export async function bundleAll(root: string): Promise<readonly Bundle[]> {
  const main = `
    import { dirname } from 'node:path';
    import { main } from './src/commands/main.ts';
    export const run = (args) => main(args, dirname(process.execPath));`;
  const workers = globSync('src/core/*/*-worker.ts', { cwd: root }).filter((file) =>
    file.includes(`/${workerName(file)}/`),
  );
  return Promise.all([
    bundle(root, 'main', main),
    ...workers.map((file) => bundle(root, workerName(file), `import './${file}';`)),
    ...packagesApart.map((name) => bundle(root, name, `export * from '${name}';`)),
  ]);
}

function workerName(file: string): string {
  return basename(file, '-worker.ts');
}

async function bundle(root: string, name: string, entry: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    stdin: { contents: entry, resolveDir: root, sourcefile: `${name}-entry.ts`, loader: 'ts' },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'cjs',
    target: `node${process.versions.node}`,
    minify: true,
    // A name in a stack trace, and a class name that oclif or fastify looks at, are worth their bytes.
    keepNames: true,
    legalComments: 'none',
    external: [...external, ...packagesApart.filter((apart) => apart !== name)],
    define: { 'import.meta.url': 'bundleUrl', 'import.meta.dirname': 'bundleFolder' },
    // The binary has no module loader: `import()` of a module inside is a call, of one of Node's a require.
    supported: { 'dynamic-import': false },
    banner: {
      js: '(function(require){const module={exports:{}},exports=module.exports,bundleUrl="file:///kernelscope/bundle.cjs",bundleFolder="/kernelscope",__filename="/kernelscope/bundle.cjs",__dirname=bundleFolder;',
    },
    footer: { js: 'return module.exports})' },
    plugins: [lazyModules(join(root, 'src/core/index.ts'))],
    logLevel: 'warning',
  });
  return { name: name.replaceAll('/', '-'), code: copyOnce(outputFiles[0]!.text), metafile };
}

/**
 * Lets esbuild's helper `__toCommonJS`, which copies the exports of a module wherever it is required, do so once per
 * module: a getter of the lazy barrel requires one at each use. Throws where esbuild writes the helper another way.
 */
function copyOnce(code: string): string {
  const helper = /([\w$]+)=>([\w$]+\([\w$]+\(\{\},"__esModule",\{value:!0\}\),\1\))/g;
  const found = [...code.matchAll(helper)];
  if (found.length > 1 || (found.length === 0 && code.includes('"__esModule",{value:!0}')))
    throw new Error('esbuild writes __toCommonJS in another way than before: change copyOnce');
  return code.replace(
    helper,
    '(copies=>$1=>{let copy=copies.get($1);return copy===void 0&&copies.set($1,copy=$2),copy})(new WeakMap)',
  );
}
