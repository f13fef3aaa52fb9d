import { describe, expect, test } from 'vitest';
import { offcputime } from '../../../src/core/category/index.ts';
import { decodeCategories, encodeCategories } from '../../../src/core/wire/encode-categories.ts';
import { expectProblem, problemOf } from '../../support/problem.ts';
import { everything } from '../../support/sample-categories.ts';

test('getcategories answers as the protocol has it, in declared order, with units of elapsed columns', () => {
  const answer = encodeCategories([offcputime, everything]);
  expect(JSON.stringify(answer.offcputime)).toBe(
    JSON.stringify([
      { name: 'hostname', type: 'string', prettyname: 'Hostname' },
      { name: 'time', type: 'timestamp', prettyname: 'Time' },
      { name: 'process', type: 'string', prettyname: 'Process' },
      { name: 'pid', type: 'int', prettyname: 'PID' },
      { name: 'stack', type: 'stack', prettyname: 'Stack' },
      { name: 'elapsed', type: 'elapsed', prettyname: 'Elapsed', unit: 'ns' },
      { name: 'count', type: 'int', prettyname: 'Blocks', optional: true },
      { name: 'max', type: 'elapsed', prettyname: 'Longest', unit: 'ns', optional: true },
      { name: 'state', type: 'string', prettyname: 'State', optional: true },
    ]),
  );
  expect(answer.everything).toContainEqual({
    name: 'latency',
    type: 'elapsed',
    prettyname: 'Latency',
    unit: 'us',
  });
});

test('a client makes the same categories of it', () => {
  const decoded = decodeCategories(JSON.parse(JSON.stringify(encodeCategories([offcputime]))));
  expect([...decoded.keys()]).toEqual(['offcputime']);
  expect(decoded.get('offcputime')!.columns).toEqual(offcputime.columns);
});

describe('an answer that is something else', () => {
  test.each<[unknown]>([
    [null],
    [5],
    ['text'],
    [[]],
    [[5]],
    [{ offcputime: 5 }],
    [{ offcputime: [] }],
    [{ offcputime: [null, null, null] }],
    [{ offcputime: [{ name: 'x' }, {}, {}] }],
    [{ status: 'ok' }],
    [{ 'no name': [{}, {}, { name: 'a', type: 'int', prettyname: 'A' }] }],
  ])('%j', (json) => {
    const problem = problemOf(() => decodeCategories(json));
    expectProblem(problem, 'service_unavailable', 'categories cannot be read');
    expect(problem.suggestions[0]).toContain('web service');
  });
});
