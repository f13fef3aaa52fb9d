import type { Category } from '../category/define-category.ts';
import type { Condition } from './condition.ts';
import {
  checkAnswerNames,
  defaultGroupSort,
  parseAggregate,
  parseGroupKey,
  parseGroupSort,
} from './parse-groups.ts';
import type { GroupQuery, Page } from './query.ts';

/** A question for groups in words: `groupBy` and `aggregates` as `parseGroupKey` and `parseAggregate` read them. */
export interface GroupWords extends Page {
  readonly groupBy: readonly string[];
  readonly aggregates: readonly string[];
  /** As `parseGroupSort` reads it; where absent, groups of times come in the order of their keys, others with the most first. */
  readonly sort?: readonly string[] | undefined;
}

/** Makes a question for groups of words; errors as of `parseGroupKey` and `parseAggregate`. */
export function makeGroupQuery(words: GroupWords, category: Category, where: Condition): GroupQuery {
  const keys = words.groupBy.map((text) => parseGroupKey(text, category));
  const aggregates = words.aggregates.map((text) => parseAggregate(text, category));
  checkAnswerNames(keys, aggregates);
  const sort =
    words.sort?.map((text) => parseGroupSort(text, keys, aggregates)) ?? defaultGroupSort(keys, aggregates);
  const { limit, offset } = words;
  return {
    kind: 'groups',
    category,
    keys,
    aggregates,
    where,
    sort,
    ...(limit !== undefined && { limit }),
    ...(offset !== undefined && { offset }),
  };
}
