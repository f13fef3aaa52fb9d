import { xmlText } from '../xml-text.ts';
import type { CheckReport } from './check-report.ts';

/**
 * Prints a test suite as JUnit's XML, the dialect that GitLab, Jenkins and others read: a case for each condition, a
 * failure for one that does not hold, an error for one without data.
 */
export function renderCheckJunit({ title, subject, notes, conditions }: CheckReport): string {
  const count = (tag: string) => conditions.filter((condition) => problemOf(condition) === tag).length;
  const cases = conditions.map((condition) => {
    const { name, detail } = condition;
    const problem = problemOf(condition);
    const body =
      problem === undefined
        ? `<system-out>${xmlText(detail)}</system-out>`
        : `<${problem} message="${xmlText(detail)}" type="${condition.outcome}">${xmlText(`${name}: ${detail}`)}</${problem}>`;
    return `    <testcase classname="${xmlText(subject)}" name="${xmlText(name)}">${body}</testcase>\n`;
  });
  const said = notes.length === 0 ? '' : `    <system-out>${xmlText(notes.join('; '))}</system-out>\n`;
  const counts = `tests="${conditions.length}" failures="${count('failure')}" errors="${count('error')}"`;
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<testsuites name="kernelscope" ${counts}>\n` +
    `  <testsuite name="${xmlText(title)}" ${counts}>\n${cases.join('')}${said}  </testsuite>\n</testsuites>\n`
  );
}

function problemOf({ outcome, fails }: CheckReport['conditions'][number]): 'failure' | 'error' | undefined {
  if (!fails) return undefined;
  return outcome === 'no-data' ? 'error' : 'failure';
}
