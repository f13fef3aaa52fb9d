import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const root = new URL('../../../', import.meta.url);
const packages: Readonly<Record<string, LockedPackage>> = JSON.parse(
  readFileSync(new URL('package-lock.json', root), 'utf8'),
).packages;

/** The folders in which Node looks for what a package in `folder` imports, innermost first. */
function searchFolders(folder: string): readonly string[] {
  const parts = folder === '' ? [] : folder.split('/node_modules/');
  return parts
    .map((_, end) => `${parts.slice(0, parts.length - end).join('/node_modules/')}/node_modules/`)
    .concat('node_modules/');
}

test('the lock file holds the packages of every platform, or npm ci would refuse it', () => {
  const missing = Object.entries(packages).flatMap(([folder, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !searchFolders(folder).some((search) => `${search}${name}` in packages))
      .map(
        ([name, version]) => `${folder} needs ${name} ${version}: pin a version that has it in the registry`,
      ),
  );
  expect(missing).toEqual([]);
});
