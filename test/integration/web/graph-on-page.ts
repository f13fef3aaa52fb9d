import type { Locator, Page } from 'playwright-core';
import { kindOf, shadeOf, type Theme } from '../../../src/core/render/palette.ts';
import { type FrameTree, nameOf } from '../../../src/core/stack/frame-tree.ts';
import { type FlameGraphLayout, layoutFlameGraph } from '../../../src/core/stack/layout-flame-graph.ts';
import { findStack } from '../../../src/web/app/flame/find-stack.ts';

/** Pixels from one row of the drawing to the next. */
const ROW_HEIGHT = 20;

/** The flame graph of a page, by what it should look like: frames are where the shared layout puts them. */
export class GraphOnPage {
  readonly element: Locator;
  readonly #page: Page;
  readonly #tree: FrameTree;

  constructor(page: Page, tree: FrameTree) {
    this.#page = page;
    this.#tree = tree;
    this.element = page.getByRole('tree');
  }

  /** Says what the frame under the keyboard is, as a screen reader does. */
  active(): Promise<string | null> {
    return this.element.getByRole('treeitem').getAttribute('aria-label');
  }

  /** The points that the middle of a frame is at: in the window, and in the canvas. */
  async pointOf(stack: string, zoom = ''): Promise<{ window: Point; canvas: Point }> {
    const width = await this.element.evaluate((element) => element.clientWidth as number);
    const layout = layoutFlameGraph(this.#tree, {
      width,
      zoom: findStack(this.#tree, zoom),
      minRestWidth: 2,
    });
    const node = findStack(this.#tree, stack);
    const { place, row } = findPlace(layout, node);
    const rows = layout.rowStarts.length - 1;
    const x = layout.xs[place]! + layout.widths[place]! / 2;
    const y = (rows - 1 - row + 0.5) * ROW_HEIGHT;
    const box = await this.element.locator('canvas').boundingBox();
    return { window: { x: box!.x + x, y: box!.y + y }, canvas: { x, y } };
  }

  async click(stack: string, zoom = ''): Promise<void> {
    const { window } = await this.pointOf(stack, zoom);
    await this.#page.mouse.click(window.x, window.y);
  }

  async hover(stack: string): Promise<void> {
    const { window } = await this.pointOf(stack);
    await this.#page.mouse.move(window.x, window.y);
  }

  /** Reads the colour that the canvas has below the top edge of a frame, where no text is: `#rrggbb`. */
  async colourOf(stack: string, zoom = ''): Promise<string> {
    const { canvas } = await this.pointOf(stack, zoom);
    const point = [Math.round(canvas.x), canvas.y - ROW_HEIGHT / 2 + 2] as const;
    return this.element.locator('canvas').evaluate(readPixel, point);
  }

  /** The colour that a theme gives to a frame. */
  expectedColour(stack: string, theme: Theme): string {
    const name = nameOf(this.#tree, findStack(this.#tree, stack));
    return theme.fills[kindOf(name)][shadeOf(name)]!;
  }
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** What is needed of the browser's types, which tests are checked without. */
interface Canvas {
  readonly ownerDocument: { createElement(name: 'canvas'): Canvas };
  getContext(kind: '2d', options: { willReadFrequently: boolean }): Context;
}
interface Context {
  drawImage(source: Canvas, x: number, y: number): void;
  getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray };
}

/** Reads a pixel by way of another canvas: reading one often makes the browser draw it in another way. Runs in the page. */
function readPixel(element: unknown, [x, y]: readonly [number, number]): string {
  const source = element as Canvas;
  const context = source.ownerDocument.createElement('canvas').getContext('2d', { willReadFrequently: true });
  context.drawImage(source, -x, -y);
  const pixel = context.getImageData(0, 0, 1, 1).data;
  return `#${[...pixel.slice(0, 3)].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

function findPlace(layout: FlameGraphLayout, node: number): { place: number; row: number } {
  const place = layout.nodes.indexOf(node);
  if (place < 0) throw new Error(`node ${node} is not drawn`);
  let row = 0;
  while (layout.rowStarts[row + 1]! <= place) row++;
  return { place, row };
}
