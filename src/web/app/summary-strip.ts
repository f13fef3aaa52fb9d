import { formatCount } from '../../core/base/units.ts';
import { formatWeight } from '../../core/render/format-weight.ts';
import type { Graph } from './flame/flame-panel.ts';
import { countStacks } from './grid/top-stacks-panel.ts';
import { make } from './make-element.ts';

/** The numbers that say how much there is in a graph. */
export class SummaryStrip {
  readonly element = make('dl', { class: 'strip', 'aria-label': 'Summary' });

  /** Shows the numbers; none where there is no graph. */
  show(graph: Graph | undefined, label: string): void {
    this.element.hidden = graph === undefined;
    if (graph === undefined) return;
    const { tree, unit } = graph;
    let depth = 0;
    for (const rows of tree.depths) depth = Math.max(depth, rows);
    const total = tree.totals[0]!;
    const facts: readonly (readonly [string, string, number])[] = [
      [unit === 'count' ? label : `Total ${label.toLowerCase()}`, formatWeight(total, unit), total],
      ['Stacks', formatCount(countStacks(tree)), countStacks(tree)],
      ['Functions', formatCount(tree.names.length - 1), tree.names.length - 1],
      ['Deepest stack', formatCount(depth), depth],
    ];
    this.element.replaceChildren(
      ...facts.map(([name, text, value], index) =>
        make('div', { class: index === 0 ? 'fact main-fact' : 'fact' }, [
          make('dt', {}, [name]),
          make('dd', {}, [make('data', { value }, [text])]),
        ]),
      ),
    );
  }
}
