import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { Category } from '../category/define-category.ts';
import { allOf, type Condition } from './condition.ts';
import { parseWhere } from './parse-where.ts';
import { readTime } from './read-literal.ts';
import { readSpan } from './read-span.ts';

/** What can be said of the records wanted, apart from columns: each narrows the answer further. */
export interface Filters {
  readonly where?: string | undefined;
  /** Times as `readTime` takes them; `since` is included, `until` is not. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** A moment as `readSpan` takes it. */
  readonly at?: string | undefined;
  /** `key=value` each. */
  readonly labels?: readonly string[] | undefined;
  /** Any of these hosts. */
  readonly hosts?: readonly string[] | undefined;
}

/** Makes one condition of all filters; times are relative to `nowUs`. Throws as `parseWhere`, and `usage` for a label. */
export function readFilters(filters: Filters, category: Category, nowUs: number): Condition {
  const conditions: Condition[] = [];
  if (filters.since !== undefined) conditions.push(compareTime('>=', readTime(filters.since, nowUs)));
  if (filters.until !== undefined) conditions.push(compareTime('<', readTime(filters.until, nowUs)));
  if (filters.at !== undefined) {
    const { fromUs, untilUs } = readSpan(filters.at, nowUs);
    conditions.push(compareTime('>=', fromUs), compareTime('<', untilUs));
  }
  if (filters.hosts !== undefined && filters.hosts.length > 0) {
    conditions.push({ kind: 'compare', field: 'hostname', operator: 'in', value: filters.hosts });
  }
  for (const [key, value] of Object.entries(parseLabels(filters.labels ?? []))) {
    conditions.push({ kind: 'compare', field: `labels.${key}`, operator: '=', value });
  }
  if (filters.where !== undefined && filters.where.trim() !== '')
    conditions.push(parseWhere(filters.where, category, nowUs));
  return allOf(conditions);
}

/** Reads `key=value` pairs. Throws `usage`. */
export function parseLabels(labels: readonly string[]): Readonly<Record<string, string>> {
  const pairs = new Map<string, string>();
  for (const label of labels) {
    const at = label.indexOf('=');
    if (at <= 0) {
      throw new KernelscopeError('usage', `'${label}' is no label`, {
        suggestions: ['write it like kernel=v6.12'],
      });
    }
    const key = label.slice(0, at);
    if (pairs.has(key)) throw new KernelscopeError('usage', `the label '${key}' is given twice`);
    pairs.set(key, label.slice(at + 1));
  }
  return Object.fromEntries(pairs);
}

function compareTime(operator: '>=' | '<', value: number): Condition {
  return { kind: 'compare', field: 'time', operator, value };
}
