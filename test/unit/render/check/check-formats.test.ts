import { SaxesParser } from 'saxes';
import { expect, test } from 'vitest';
import type { CheckReport } from '../../../../src/core/render/check/check-report.ts';
import { checkRenderers } from '../../../../src/core/render/check/index.ts';

const report: CheckReport = {
  title: 'latency, main',
  subject: "offcputime: process = '<b>'",
  notes: ['3 events lost'],
  conditions: [
    {
      name: 'p99(elapsed) <= 5ms',
      outcome: 'pass',
      fails: false,
      detail: '4.2 ms (1 run)',
      facts: { value: 4.2 },
    },
    {
      name: 'count < 10',
      outcome: 'fail',
      fails: true,
      detail: '12 & 100%\n::error::x',
      facts: { value: 12 },
    },
    { name: 'sum(elapsed)', outcome: 'unclear', fails: false, detail: '+12%', facts: {} },
    { name: 'max(elapsed) < 1s', outcome: 'no-data', fails: true, detail: 'no records', facts: {} },
  ],
};

test('text has a line for each condition', () => {
  expect(checkRenderers.text.render(report)).toBe(
    [
      "offcputime: process = '<b>'",
      'PASS     p99(elapsed) <= 5ms: 4.2 ms (1 run)',
      'FAIL     count < 10: 12 & 100%\\x0a::error::x',
      'UNCLEAR  sum(elapsed): +12%',
      'NO DATA  max(elapsed) < 1s: no records',
      'note: 3 events lost\n',
    ].join('\n'),
  );
});

test('JSON says whether all passed, and has the numbers', () => {
  const json = JSON.parse(checkRenderers.json.render(report));
  expect(json).toMatchObject({ title: 'latency, main', passed: false, notes: ['3 events lost'] });
  expect(json.conditions[0]).toEqual({
    name: 'p99(elapsed) <= 5ms',
    outcome: 'pass',
    fails: false,
    detail: '4.2 ms (1 run)',
    value: 4.2,
  });
});

test('JUnit has a case for each condition, failures and errors apart, in valid XML', () => {
  const elements: [string, Record<string, string>][] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => void elements.push([name, attributes]));
  parser.write(checkRenderers.junit.render(report)).close();
  const [, suites] = elements[0]!;
  expect(suites).toMatchObject({ tests: '4', failures: '1', errors: '1' });
  expect(elements.filter(([name]) => name === 'testcase')).toHaveLength(4);
  expect(elements.find(([name]) => name === 'failure')![1].message).toContain('12 & 100%');
  expect(elements.find(([name]) => name === 'error')![1]).toEqual({ message: 'no records', type: 'no-data' });
});

test("GitHub's annotations are one line each, whatever is in them", () => {
  expect(checkRenderers.github.render(report)).toBe(
    [
      '::notice title=latency%2C main%3A p99(elapsed) <= 5ms::4.2 ms (1 run)',
      '::error title=latency%2C main%3A count < 10::12 & 100%25\\x0a::error::x',
      '::warning title=latency%2C main%3A sum(elapsed)::+12%25',
      '::error title=latency%2C main%3A max(elapsed) < 1s::no records',
      '::warning title=latency%2C main::3 events lost\n',
    ].join('\n'),
  );
});
