import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/**
 * Joins the licence texts of everything inside the binary: this project, Node, and each package that is in a bundle
 * or, like the SQLite add-on, beside it. Throws for a package that names no licence.
 */
export function licenceTexts(root: string, metafiles: readonly Metafile[], nodeFolder: string): string {
  const packages = new Set(
    metafiles
      .flatMap((metafile) => Object.keys(metafile.inputs))
      .flatMap((file) => packageFolder(file) ?? []),
  );
  packages.add('node_modules/better-sqlite3');
  const texts = [
    section('kernelscope', readLicence(root)),
    section('Node.js', readLicence(nodeFolder)),
    ...[...packages].sort().map((folder) => {
      const { name, version, ...said } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      const license = namedLicence(said);
      if (license === undefined) throw new Error(`${folder} names no licence in its package.json`);
      return section(`${name} ${version} (${license})`, readLicence(join(root, folder)));
    }),
  ];
  return texts.join('\n');
}

/** The folder of the innermost package that a file such as `node_modules/a/node_modules/@b/c/lib/d.js` belongs to. */
function packageFolder(file: string): string | undefined {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

/** What a package.json says of the licence, in the form of today or in that of before npm 2. */
function namedLicence({ license, licenses }: { license?: unknown; licenses?: unknown }): string | undefined {
  if (typeof license === 'string') return license;
  if (!Array.isArray(licenses) || licenses.length === 0) return undefined;
  return licenses.map(({ type }: { type: string }) => type).join(' or ');
}

function section(title: string, text: string): string {
  return `${'='.repeat(78)}\n${title}\n${'='.repeat(78)}\n\n${text.trim()}\n`;
}

function readLicence(folder: string): string {
  const files = globSync('{LICENSE,LICENCE,license,licence,License,Licence,COPYING}*{,/*}', {
    cwd: folder,
    withFileTypes: true,
  }).filter((entry) => entry.isFile());
  if (files.length === 0) return 'The package names its licence and carries no text of it.';
  const texts = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return texts.map((file) => readFileSync(file, 'utf8').trim()).join('\n\n');
}
