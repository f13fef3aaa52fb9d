import type { Value } from '../../core/category/define-category.ts';

/** A record as the service sends it: times are ISO 8601. */
export type AnsweredRow = Readonly<Record<string, Value>>;
