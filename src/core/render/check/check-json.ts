import type { CheckReport } from './check-report.ts';

/** Prints `{title, subject, passed, notes, conditions: [{name, outcome, fails, detail, ...numbers}]}`. */
export function renderCheckJson({ title, subject, notes, conditions }: CheckReport): string {
  const passed = conditions.every(({ fails }) => !fails);
  const flat = conditions.map(({ facts, ...condition }) => ({ ...condition, ...facts }));
  return `${JSON.stringify({ title, subject, passed, notes, conditions: flat })}\n`;
}
