import { printable } from '../../base/printable.ts';
import type { CheckReport } from './check-report.ts';

/**
 * Prints workflow commands of GitHub Actions, which show as annotations: an error for what fails, a warning for what is
 * unclear, a notice for what holds. What such a command means is in GitHub's "Workflow commands for GitHub Actions".
 */
export function renderCheckGithub({ title, notes, conditions }: CheckReport): string {
  const lines = conditions.map(({ name, outcome, fails, detail }) => {
    const level = fails ? 'error' : outcome === 'pass' ? 'notice' : 'warning';
    return command(level, `${title}: ${name}`, detail);
  });
  return [...lines, ...notes.map((note) => command('warning', title, note))].join('');
}

function command(level: string, title: string, message: string): string {
  return `::${level} title=${property(title)}::${data(message)}\n`;
}

/** Nothing in a message may end the command or start another. */
function data(text: string): string {
  return printable(text).replaceAll('%', '%25');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
