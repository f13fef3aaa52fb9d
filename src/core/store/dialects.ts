import type { StoreDialect } from './dialect.ts';
import { sqliteDialect } from './sqlite-dialect.ts';

/** The dialects by name. */
export const dialects = { sqlite: sqliteDialect } as const satisfies Record<string, StoreDialect>;
