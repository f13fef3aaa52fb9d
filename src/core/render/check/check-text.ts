import { printable } from '../../base/printable.ts';
import type { CheckReport } from './check-report.ts';

const words = { pass: 'PASS', fail: 'FAIL', unclear: 'UNCLEAR', 'no-data': 'NO DATA' } as const;

/** Prints a line for each condition, under what was checked. */
export function renderCheckText(report: CheckReport): string {
  const lines = report.conditions.map(
    ({ name, outcome, detail }) => `${words[outcome].padEnd(7)}  ${printable(name)}: ${printable(detail)}`,
  );
  const notes = report.notes.map((note) => `note: ${printable(note)}`);
  return `${[printable(report.subject), ...lines, ...notes].join('\n')}\n`;
}
