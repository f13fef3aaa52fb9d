import { basename, dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listSources, readModule, type SourceModule } from './support/read-module.ts';

/** Which folders of src/core each one may import, besides itself. Types count: they bind as much as values do. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  base: [],
  category: ['base'],
  stack: ['base'],
  compare: ['base', 'stack'],
  query: ['base', 'category'],
  wire: ['base', 'category'],
  files: [],
  assets: ['base', 'files'],
  store: ['base', 'category', 'query', 'wire', 'stack', 'files', 'assets'],
  config: ['base'],
  trace: ['base', 'category', 'assets'],
  doctor: ['base', 'trace'],
  agent: ['base', 'category', 'wire', 'files'],
  import: ['base', 'category', 'stack', 'query', 'wire'],
  render: ['base', 'category', 'stack', 'compare', 'wire'],
  service: ['base', 'category', 'query', 'stack', 'wire', 'store', 'assets', 'render'],
};

/** Folders that run in a browser as well as here, and the packages that do too. */
const pureFolders = ['base', 'category', 'stack', 'compare', 'query', 'wire'];
const purePackages = ['fastest-levenshtein', 'jstat', 're2js'];

/** Packages that talk to a database: each is known to one file alone. */
const drivers = ['better-sqlite3', 'mysql2', 'mysql2/promise'];

/** Files that pass on what others export: the public API, and the registry of the categories. */
const barrels = ['src/core/index.ts', 'src/core/category/index.ts'];

/** Names that say nothing of what is inside; the trace helper, a program of its own, is a helper by name. */
const emptyNames = /(^|-)(utils?|helpers|manager|misc|common|shared|lib|stuff)(-|\.|$)/;

const core = listSources('src/core').map(readModule);
const commands = listSources('src/commands').map(readModule);
const web = listSources('src/web').map(readModule);
const all = [...core, ...commands, ...web];
const byFile = new Map(all.map((module) => [module.file, module]));

describe('folders of src/core', () => {
  test('are all in the table', () => {
    const folders = new Set(core.map(folderOf));
    expect([...folders].sort()).toEqual(
      ['.', ...Object.keys(mayImport)].filter((name) => folders.has(name)).sort(),
    );
  });

  test.each(Object.keys(mayImport))('%s imports what the table lets it', (folder) => {
    const allowed = [folder, ...mayImport[folder]!];
    const wrong = core
      .filter((module) => folderOf(module) === folder)
      .flatMap((module) => module.imports.map(({ target }) => ({ file: module.file, target })))
      .filter(({ target }) => target.startsWith('src/'))
      .filter(({ target }) => !allowed.includes(folderOfFile(target)));
    expect(wrong).toEqual([]);
  });
});

describe('what runs in a browser', () => {
  test.each(pureFolders)('%s imports no node: module and no package that needs one', (folder) => {
    const wrong = core
      .filter((module) => folderOf(module) === folder)
      .flatMap((module) => packagesOf(module).map((name) => `${module.file}: ${name}`))
      .filter((line) => !purePackages.some((name) => line.endsWith(`: ${name}`)));
    expect(wrong).toEqual([]);
  });

  test('nothing that src/web reaches needs Node: no module of it, and no global', () => {
    const wrong = [...reachedFrom(web)].flatMap((module) => [
      ...packagesOf(module)
        .filter((name) => name.startsWith('node:'))
        .map((name) => `${module.file}: ${name}`),
      ...module.memberChains
        .filter((chain) => /^(process|Buffer|global|require)\./.test(chain))
        .map((chain) => `${module.file}: ${chain}`),
    ]);
    expect(wrong).toEqual([]);
  });
});

describe('layers', () => {
  test('commands import the public API of core and their own folder', () => {
    const wrong = commands
      .flatMap((module) => module.imports.map(({ target }) => ({ file: module.file, target })))
      .filter(({ target }) => target.startsWith('src/'))
      .filter(({ target }) => target !== 'src/core/index.ts' && !target.startsWith('src/commands/'));
    expect(wrong).toEqual([]);
  });

  test('core and the web page know nothing of oclif or the terminal', () => {
    const wrong = [...core, ...web].flatMap((module) => [
      ...packagesOf(module).filter((name) => /oclif|inquirer/.test(name)),
      ...module.memberChains
        .filter((chain) => /^(console\.|process\.(stdout|stderr|exit|exitCode|argv)\b)/.test(chain))
        .map((chain) => `${module.file}: ${chain}`),
    ]);
    expect(wrong).toEqual([]);
  });

  test.each(drivers)('%s is imported by one file at most, of core/store', (driver) => {
    const users = all.filter((module) => packagesOf(module).includes(driver)).map(({ file }) => file);
    expect(users.length).toBeLessThanOrEqual(1);
    for (const file of users) expect(dirname(dirname(file))).toBe('src/core/store');
  });

  test('the SQLite driver is among those found, so that the rule above tests something', () => {
    expect(all.some((module) => packagesOf(module).includes('better-sqlite3'))).toBe(true);
  });

  test('no modules need each other at run time', () => {
    expect(findCycles(all)).toEqual([]);
  });
});

describe('files', () => {
  test('have no default export', () => {
    expect(all.filter((module) => module.hasDefaultExport).map(({ file }) => file)).toEqual([]);
  });

  test('pass on what others export only where that is their purpose', () => {
    const found = all.filter((module) => module.reexports).map(({ file }) => file);
    expect(found.filter((file) => !barrels.includes(file))).toEqual([]);
  });

  test('have names that say what is inside', () => {
    const names = all.map(({ file }) => file).filter((file) => !isGenerated(file));
    expect(names.filter((file) => emptyNames.test(basename(file)))).toEqual([]);
    expect(names.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(basename(file)))).toEqual([]);
  });

  test('that export one thing are named after it', () => {
    const wrong = [...core, ...commands]
      .filter(
        ({ file, values }) => values.length === 1 && !isGenerated(file) && basename(file) !== 'index.ts',
      )
      .map(({ file, values }) => ({ file, name: kebab(values[0]!) }))
      .filter(({ file, name }) => !isNamedAfter(basename(file, '.ts'), name));
    expect(wrong).toEqual([]);
  });

  test('hold one thing: none is longer than 450 lines', () => {
    const long = all.filter(({ file, lines }) => lines > 450 && !isGenerated(file));
    expect(long.map(({ file, lines }) => `${file}: ${lines}`)).toEqual([]);
  });

  test('are written with their extension wherever they are imported', () => {
    const wrong = all.flatMap((module) =>
      module.imports
        .map(({ target }) => target)
        .filter((target) => target.startsWith('src/') && !byFile.has(target)),
    );
    expect(wrong.filter((target) => !target.endsWith('.json'))).toEqual([]);
  });
});

function isGenerated(file: string): boolean {
  return file.endsWith('.generated.ts');
}

function folderOf(module: SourceModule): string {
  return folderOfFile(module.file);
}

/** The folder below src/core that a file is in, `.` for src/core itself; its whole path for a file elsewhere. */
function folderOfFile(file: string): string {
  const parts = file.split('/');
  if (parts[1] !== 'core') return file;
  return parts.length === 3 ? '.' : parts[2]!;
}

function packagesOf(module: SourceModule): readonly string[] {
  return module.imports.map(({ target }) => target).filter((target) => !target.startsWith('src/'));
}

/** The modules that these import at run time, and what those import, and so on, themselves included. */
function reachedFrom(modules: readonly SourceModule[]): ReadonlySet<SourceModule> {
  const reached = new Set(modules);
  for (const module of reached)
    for (const { target, isType } of module.imports) {
      const imported = byFile.get(target);
      if (!isType && imported !== undefined) reached.add(imported);
    }
  return reached;
}

/** Chains of static value imports that come back to where they began, each told once. */
function findCycles(modules: readonly SourceModule[]): readonly string[] {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]) => {
    const at = path.indexOf(file);
    if (at >= 0) cycles.push([...path.slice(at), file].join(' -> '));
    if (at >= 0 || done.has(file)) return;
    for (const { target, isType, isDynamic } of byFile.get(file)?.imports ?? [])
      if (!isType && !isDynamic) visit(target, [...path, file]);
    done.add(file);
  };
  for (const { file } of modules) visit(file, []);
  return cycles;
}

/** `openSqlite` may live in sqlite.ts and `migrateTables` in migrate.ts: what the folder says already is left out. */
function isNamedAfter(file: string, name: string): boolean {
  return name === file || name.endsWith(`-${file}`) || name.startsWith(`${file}-`);
}

function kebab(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}
