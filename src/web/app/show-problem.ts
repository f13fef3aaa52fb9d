import type { KernelscopeError } from '../../core/base/kernelscope-error.ts';
import { printable } from '../../core/base/printable.ts';
import { make } from './make-element.ts';

/**
 * Makes the elements that show an error: its first line, the clause with the caret where it is about one, and what
 * to do. Line by line, so that control characters in names are seen and do nothing.
 */
export function showProblem(problem: KernelscopeError): readonly HTMLElement[] {
  const [first = '', ...clause] = problem.message.split('\n').map(printable);
  return [
    make('p', { class: 'problem-message' }, [first]),
    ...(clause.length === 0 ? [] : [make('pre', {}, [clause.join('\n')])]),
    ...problem.suggestions.map((suggestion) => make('p', { class: 'suggestion' }, [printable(suggestion)])),
  ];
}
