import { expect, test } from 'vitest';
import { printDiagnosis } from '../../src/commands/doctor.ts';

test('the doctor says line by line what was found, and below it what to do', () => {
  const text = printDiagnosis({
    canTrace: false,
    checks: [
      { name: 'btf', status: 'ok', finding: 'it is there', remedies: [] },
      { name: 'symbols', status: 'missing', finding: 'two\nlines', remedies: ['sysctl a=1', 'sysctl b=2'] },
      { name: 'note', status: 'note', finding: 'with \u001b[31m', remedies: [] },
    ],
    programs: [
      { name: 'one', summary: 'Trace one', canTrace: true, missing: [], obstacles: [] },
      {
        name: 'two',
        summary: 'Trace two',
        canTrace: false,
        missing: ['symbols', 'tracepoint', 'tracepoint'],
        obstacles: [{ kind: 'tracepoint', reason: 'no tracepoint x', remedies: ['boot another'] }],
      },
    ],
  });
  expect(text).toBe(
    [
      'ok       btf      it is there',
      'missing  symbols  two',
      '                  lines',
      '                    sysctl a=1',
      '                    sysctl b=2',
      'note     note     with \\x1b[31m',
      '',
      'can      one      Trace one',
      'cannot   two      for want of: symbols, tracepoint',
      '                    no tracepoint x',
      '                    boot another',
      '',
    ].join('\n'),
  );
});
