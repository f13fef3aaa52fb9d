import { KernelscopeError } from '../base/kernelscope-error.ts';
import { SCHEMA_VERSION } from './table.ts';

/** Throws `database_newer`, `database_older` or `database_invalid` unless the tables are of the version of this program. */
export function checkSchemaVersion(version: number, location: string): void {
  if (version === SCHEMA_VERSION) return;
  checkNotNewer(version, location);
  throw new KernelscopeError(
    'database_older',
    `${location} is of version ${version}, and this kernelscope needs ${SCHEMA_VERSION}`,
    {
      suggestions: ['bring it up to date: kernelscope db migrate, which makes a backup first'],
    },
  );
}

/** Throws `database_newer` for tables of a version that this program does not know yet, `database_invalid` for none that ever was. */
export function checkNotNewer(version: number, location: string): void {
  if (version > SCHEMA_VERSION) {
    throw new KernelscopeError(
      'database_newer',
      `${location} is of version ${version}, and this kernelscope knows versions up to ${SCHEMA_VERSION}`,
      { suggestions: ['use the kernelscope that made it, or a newer one'] },
    );
  }
  if (!(version >= 1)) {
    throw new KernelscopeError(
      'database_invalid',
      `${location} says that it is of version ${version}, which never was`,
    );
  }
}
