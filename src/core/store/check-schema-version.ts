import { KernelscopeError } from '../base/kernelscope-error.ts';
import { SCHEMA_VERSION } from './table.ts';

/** Throws `database_newer` or `database_invalid` unless a database's tables are of the version that this program knows. */
export function checkSchemaVersion(version: number, location: string): void {
  if (version === SCHEMA_VERSION) return;
  if (version > SCHEMA_VERSION) {
    throw new KernelscopeError(
      'database_newer',
      `${location} is of version ${version}, and this kernelscope knows versions up to ${SCHEMA_VERSION}`,
      { suggestions: ['use the kernelscope that made it, or a newer one'] },
    );
  }
  throw new KernelscopeError(
    'database_invalid',
    `${location} says that it is of version ${version}, which never was`,
  );
}
