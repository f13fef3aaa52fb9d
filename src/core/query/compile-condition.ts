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
    case 'batch':
      return dialect.inIds('b.id', resolved.ids);
    case 'time':
      return { text: `${rowTime} ${sqlOperator(resolved.operator)} ?`, params: [resolved.value] };
    case 'number':
      return {
        text: `r.${dialect.quote(resolved.column)} ${sqlOperator(resolved.operator)} ?`,
        params: [resolved.value],
      };
    case 'times':
      return compileList(rowTime, resolved.values, resolved.negated, dialect);
    case 'numbers':
      return compileList(`r.${dialect.quote(resolved.column)}`, resolved.values, resolved.negated, dialect);
    case 'dictionary':
      return compileList(`r.${dialect.quote(resolved.column)}`, resolved.ids, resolved.negated, dialect);
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
    case 'batch':
      return dialect.inIds('b.id', resolved.ids);
    case 'time':
      return batchTime(resolved.operator, resolved.value);
    case 'times':
      return resolved.negated ? plainSql('1 = 1') : batchTimes(resolved.values);
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

function batchTimes(values: readonly number[]): Sql {
  const first = values.reduce((least, value) => Math.min(least, value));
  const last = values.reduce((most, value) => Math.max(most, value));
  return { text: '(b.time_first <= ? AND b.time_last >= ?)', params: [last, first] };
}

function compileList(
  expression: string,
  numbers: readonly number[],
  negated: boolean,
  dialect: SqlDialect,
): Sql {
  const list = dialect.inIds(expression, numbers);
  return negated ? { text: `NOT (${list.text})`, params: list.params } : list;
}

function compileGroup(kind: 'and' | 'or', parts: readonly Sql[]): Sql {
  if (parts.length === 0) return plainSql(kind === 'and' ? '1 = 1' : '1 = 0');
  if (parts.length === 1) return parts[0]!;
  // In halves, and halves of these: databases bound how deep an expression goes, and a chain goes as deep as it is long.
  const middle = parts.length >> 1;
  const halves = [compileGroup(kind, parts.slice(0, middle)), compileGroup(kind, parts.slice(middle))];
  const joined = concatSql(halves, ` ${kind.toUpperCase()} `);
  return { text: `(${joined.text})`, params: joined.params };
}

function sqlOperator(operator: string): string {
  return operator === '!=' ? '<>' : operator;
}
