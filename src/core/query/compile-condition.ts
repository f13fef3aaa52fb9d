import type { Resolved } from './resolve-condition.ts';
import { concatSql, plainSql, type Sql, type SqlDialect } from './sql.ts';

/** A record's own time: its batch's, moved by the offset that an entry with a time of its own has. */
export const rowTime = '(b.time + COALESCE(r.time_offset, 0))';

/** Prints a resolved condition as SQL over the batch `b` and the row `r`. */
export function compileCondition(resolved: Resolved, dialect: SqlDialect): Sql {
  switch (resolved.kind) {
    case 'and':
    case 'or':
      return compileGroup(
        resolved.kind,
        resolved.conditions.map((part) => compileCondition(part, dialect)),
      );
    case 'source':
      return dialect.inIds('b.source_id', resolved.ids);
    case 'time':
      return { text: `${rowTime} ${sqlOperator(resolved.operator)} ?`, params: [resolved.value] };
    case 'dictionary': {
      const column = idColumn(dialect, resolved.column);
      const inIds = dialect.inIds(column, resolved.ids);
      return resolved.negated ? { text: `NOT (${inIds.text})`, params: inIds.params } : inIds;
    }
    case 'number':
      return {
        text: `r.${dialect.quote(resolved.column)} ${sqlOperator(resolved.operator)} ?`,
        params: [resolved.value],
      };
    case 'null':
      // Of a dictionary column the id is absent, of any other the value; the row table names them alike.
      return plainSql(`r.${dialect.quote(resolved.column)} IS ${resolved.negated ? 'NOT ' : ''}NULL`);
  }
}

/** Prints a condition that `relaxToBatch` made as SQL over the batch `b` alone. */
export function compileBatchCondition(resolved: Resolved, dialect: SqlDialect): Sql {
  switch (resolved.kind) {
    case 'and':
    case 'or':
      return compileGroup(
        resolved.kind,
        resolved.conditions.map((part) => compileBatchCondition(part, dialect)),
      );
    case 'source':
      return dialect.inIds('b.source_id', resolved.ids);
    case 'time':
      return batchTime(resolved.operator, resolved.value);
    default:
      throw new Error(`a condition on ${resolved.kind} is not about a batch`);
  }
}

function batchTime(operator: string, value: number): Sql {
  switch (operator) {
    case '<':
    case '<=':
      return { text: `b.time_first ${operator} ?`, params: [value] };
    case '>':
    case '>=':
      return { text: `b.time_last ${operator} ?`, params: [value] };
    case '=':
      return { text: '(b.time_first <= ? AND b.time_last >= ?)', params: [value, value] };
    default:
      return plainSql('1 = 1');
  }
}

function compileGroup(kind: 'and' | 'or', parts: readonly Sql[]): Sql {
  if (parts.length === 0) return plainSql(kind === 'and' ? '1 = 1' : '1 = 0');
  const joined = concatSql(parts, ` ${kind.toUpperCase()} `);
  return { text: `(${joined.text})`, params: joined.params };
}

function idColumn(dialect: SqlDialect, column: string): string {
  return `r.${dialect.quote(column)}`;
}

function sqlOperator(operator: string): string {
  return operator === '!=' ? '<>' : operator;
}
