import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Expression, parseSync, Visitor } from 'oxc-parser';

/** The checkout. */
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** One import of a module, whatever its form: `import`, `import type`, `export from`, `import()`, a type's `import('')`. */
export interface ImportOf {
  /** Path from the project's root for a file, else the package or `node:` name as written. */
  readonly target: string;
  /** Nothing of it is left at run time. */
  readonly isType: boolean;
  readonly isDynamic: boolean;
}

/** What a source file says of itself without being run. */
export interface SourceModule {
  /** Path from the project's root. */
  readonly file: string;
  readonly imports: readonly ImportOf[];
  /** Names of functions, constants and classes that it exports and declares itself. */
  readonly values: readonly string[];
  readonly hasDefaultExport: boolean;
  /** It passes on what another module exports. */
  readonly reexports: boolean;
  /** Names such as `console.log` and `process.stdout.write`: each chain of members that begins with a bare name. */
  readonly memberChains: readonly string[];
  readonly lines: number;
}

/** Lists the TypeScript files below a folder of the project. */
export function listSources(folder: string): readonly string[] {
  return readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(projectRoot, join(entry.parentPath, entry.name)))
    .sort();
}

/** Parses a source file, by its path from the project's root. */
export function readModule(file: string): SourceModule {
  const text = readFileSync(join(projectRoot, file), 'utf8');
  const { module, program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]!.message}`);
  const imports: ImportOf[] = [];
  const add = (specifier: string, kind: { isType: boolean; isDynamic: boolean }) => {
    const target = specifier.startsWith('.') ? join(file, '..', specifier) : specifier;
    imports.push({ target, ...kind });
  };
  for (const { entries, moduleRequest } of module.staticImports) {
    add(moduleRequest.value, {
      isType: entries.length > 0 && entries.every((entry) => entry.isType),
      isDynamic: false,
    });
  }
  const values: string[] = [];
  let hasDefaultExport = false;
  let reexports = false;
  for (const entry of module.staticExports.flatMap((statement) => statement.entries)) {
    if (entry.moduleRequest !== null)
      add(entry.moduleRequest.value, { isType: entry.isType, isDynamic: false });
    if (entry.moduleRequest !== null) reexports = true;
    if (entry.exportName.kind === 'Default') hasDefaultExport = true;
    const isOwn = entry.moduleRequest === null && !entry.isType && entry.exportName.kind === 'Name';
    if (isOwn) values.push(entry.exportName.name!);
  }
  const memberChains: string[] = [];
  const visitor = new Visitor({
    ImportExpression: ({ source }) => {
      if (source.type !== 'Literal') throw new Error(`${file}: an import() of something computed`);
      add(String(source.value), { isType: false, isDynamic: true });
    },
    TSImportType: ({ source }) => add(source.value, { isType: true, isDynamic: true }),
    MemberExpression: (node) => {
      const chain = memberChain(node);
      if (chain !== undefined) memberChains.push(chain);
    },
  });
  visitor.visit(program);
  return {
    file,
    imports,
    values,
    hasDefaultExport,
    reexports,
    memberChains,
    lines: text.split('\n').length - 1,
  };
}

function memberChain(node: Expression): string | undefined {
  if (node.type === 'Identifier') return node.name;
  if (node.type !== 'MemberExpression' || node.computed || node.property.type !== 'Identifier')
    return undefined;
  const object = memberChain(node.object as Expression);
  return object === undefined ? undefined : `${object}.${node.property.name}`;
}
