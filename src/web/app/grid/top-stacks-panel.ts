import { formatCount } from '../../../core/base/units.ts';
import { formatShare, formatWeight } from '../../../core/render/format-weight.ts';
import { topStacks } from '../../../core/render/top-stacks.ts';
import type { FrameTree } from '../../../core/stack/frame-tree.ts';
import { printStack } from '../flame/find-stack.ts';
import type { Graph } from '../flame/flame-panel.ts';
import { make } from '../make-element.ts';
import { makeStackCell } from './stack-cell.ts';
import { VirtualGrid } from './virtual-grid.ts';

const COUNT = 200;

/** The table of the stacks in which the most weight ends. */
export class TopStacksPanel {
  readonly element: HTMLElement;
  readonly #grid: VirtualGrid;
  readonly #summary = make('p', { class: 'summary' });
  #tree: FrameTree | undefined;
  #nodes: readonly number[] = [];

  /** `onOpen` is told the folded stack that was chosen. */
  constructor(onOpen: (stack: string) => void) {
    this.#grid = new VirtualGrid({ onOpen: (row) => onOpen(printStack(this.#tree!, this.#nodes[row]!)) });
    this.element = make('section', { class: 'panel top-stacks', 'aria-label': 'Top stacks' }, [
      make('div', { class: 'panel-head' }, [make('h2', {}, ['Top stacks']), this.#summary]),
      this.#grid.element,
    ]);
  }

  show({ tree, unit, title }: Graph): void {
    this.#tree = tree;
    this.#nodes = topStacks(tree, COUNT);
    const total = tree.totals[0]!;
    const heaviest = tree.selfs[this.#nodes[0] ?? 0]!;
    this.#grid.show({
      title: `Top stacks, ${title}`,
      columns: [
        { key: 'weight', label: 'Weight', minWidth: 90, isNumber: true },
        { key: 'share', label: 'Share', minWidth: 80, isNumber: true },
        { key: 'bar', label: '', minWidth: 90 },
        { key: 'stack', label: 'Stack', minWidth: 300, grow: 1 },
      ],
      rows: this.#nodes.length,
      cellsOf: (row) => {
        const node = this.#nodes[row]!;
        const weight = tree.selfs[node]!;
        return [
          formatWeight(weight, unit),
          formatShare(weight, total),
          makeBar(weight / heaviest),
          makeStackCell(printStack(tree, node)),
        ];
      },
    });
    const shown = this.#nodes.reduce((sum, node) => sum + tree.selfs[node]!, 0);
    const count = countStacks(tree);
    this.#summary.textContent =
      count <= this.#nodes.length
        ? `all ${formatCount(count)} stacks`
        : `${formatCount(this.#nodes.length)} of ${formatCount(count)} stacks, with ${formatShare(shown, total)}`;
  }
}

/** Counts the distinct stacks of a tree: the nodes in which weight ends. */
export function countStacks(tree: FrameTree): number {
  let count = 0;
  for (const self of tree.selfs) if (self !== 0) count++;
  return count;
}

function makeBar(share: number): HTMLElement {
  const fill = make('span', { class: 'bar-fill' });
  fill.style.width = `${Math.max(0, share) * 100}%`;
  return make('span', { class: 'bar', 'aria-hidden': 'true' }, [fill]);
}
