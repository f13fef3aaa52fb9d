import { formatTimestamp } from '../base/timestamp.ts';
import type { Category, Value } from '../category/define-category.ts';
import type { Comparison, Condition } from './condition.ts';
import { findField } from './read-literal.ts';

const bareWord = /^[^\s()=!<>~,'"]+$/;
const keywords: readonly string[] = ['and', 'or', 'not', 'in', 'is', 'null', 'contains'];

/** Prints a condition as the one where clause that `parseWhere` reads back as the same; empty for no condition. */
export function printWhere(condition: Condition, category: Category): string {
  if (condition.kind === 'compare') return printComparison(condition, category);
  // An empty `or` holds for nothing, which no clause says but one that contradicts itself.
  if (condition.conditions.length === 0)
    return condition.kind === 'and' ? '' : 'hostname is null and hostname is not null';
  return condition.conditions
    .map((part) =>
      part.kind === 'compare' ? printComparison(part, category) : `(${printWhere(part, category)})`,
    )
    .join(` ${condition.kind} `);
}

function printComparison(comparison: Comparison, category: Category): string {
  const { field, operator, value } = comparison;
  const name = quoteWord(field);
  if (operator === 'is null' || operator === 'is not null') return `${name} ${operator}`;
  if (Array.isArray(value)) {
    return `${name} ${operator} (${value.map((item: Value) => printValue(comparison, item, category)).join(', ')})`;
  }
  return `${name} ${operator} ${printValue(comparison, value as Value, category)}`;
}

function printValue(comparison: Comparison, value: Value, category: Category): string {
  if (typeof value === 'string') return quoteWord(value);
  const field = findField(category, comparison.field);
  return field.type === 'timestamp' ? formatTimestamp(value as number) : String(value);
}

function quoteWord(text: string): string {
  if (bareWord.test(text) && !keywords.includes(text.toLowerCase())) return text;
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
