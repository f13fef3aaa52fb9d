import type { AnswerColumn } from '../category/answer-column.ts';
import { findColumn } from '../category/define-category.ts';
import type { Aggregate, GroupKey, GroupQuery, RowQuery } from './query.ts';

/** The columns of a question's answer, in order: those that were selected, or the keys and then the aggregates. */
export function answerColumns(query: RowQuery | GroupQuery): readonly AnswerColumn[] {
  const { category } = query;
  const columnOf = (name: string) => findColumn(category, name)!;
  if (query.kind === 'rows') return query.columns.map(columnOf);
  const ofKey = (key: GroupKey): AnswerColumn => {
    const { name } = key;
    if (key.kind === 'label' || key.kind === 'frame') return { name, type: 'string' };
    return { ...columnOf(key.column), name };
  };
  const ofAggregate = (aggregate: Aggregate): AnswerColumn => {
    const { kind, name } = aggregate;
    if (kind === 'count') return { name, type: 'count' };
    if (kind === 'hist') return { name, type: 'histogram', ...unitOf(columnOf(aggregate.column)) };
    const column = columnOf(aggregate.column);
    const isTotal = column.type === 'int' && (kind === 'sum' || kind === 'avg');
    return { name, type: isTotal ? 'count' : column.type, ...unitOf(column) };
  };
  return [...query.keys.map(ofKey), ...query.aggregates.map(ofAggregate)];
}

function unitOf({ type, unit }: AnswerColumn): Pick<AnswerColumn, 'unit'> {
  return type === 'elapsed' ? { unit: unit ?? 'us' } : {};
}
