import { printable } from '../../core/base/printable.ts';
import type { Loaded } from './loader.ts';
import { make, makeButton } from './make-element.ts';
import { isUnfiltered } from './view-state.ts';

/** Says why there is no flame graph, and what to do about it; undefined where there is one. */
export function explainEmpty(loaded: Loaded, showAll: () => void): HTMLElement | undefined {
  const { choice, tree, rows, view } = loaded;
  const name = printable(choice.category.name);
  if (rows.length === 0 && isUnfiltered(view)) {
    return describe(`There are no records of ${name} yet`, [
      'Hosts send them to the logger: ',
      make('code', {}, ['kernelscope serve logger']),
      '. To measure this one, see ',
      make('code', {}, ['kernelscope trace --help']),
      '.',
    ]);
  }
  if (rows.length === 0) {
    const all = makeButton('Show all records', 'Take all conditions away', showAll, { class: 'primary' });
    return describe(`No record of ${name} matches`, ['All conditions above have to hold at once.'], all);
  }
  if (tree === undefined) {
    return describe(`${name} has no stacks`, [
      'None of its columns is a stack, so there is no flame graph; the records are below.',
    ]);
  }
  if (tree.totals[0] !== 0) return undefined;
  const label = printable(choice.weight.label);
  return describe('There is nothing to draw', [
    tree.nameIds.length === 1
      ? 'None of the records that match has a stack.'
      : `The stacks that match weigh nothing by ${label}: choose another weight.`,
  ]);
}

function describe(title: string, text: readonly (Node | string)[], action?: HTMLElement): HTMLElement {
  const parts = [make('h2', {}, [title]), make('p', {}, text)];
  return make('div', { class: 'empty', role: 'status' }, action === undefined ? parts : [...parts, action]);
}
