import type { FrameTree } from '../stack/frame-tree.ts';
import type { FlameGraphLayout } from '../stack/layout-flame-graph.ts';
import { xmlText } from './xml-text.ts';

/** Pixels from one row to the next, and those of a frame in it. */
export const ROW_HEIGHT = 18;
export const FRAME_HEIGHT = 17;
/** The part of a picture's width that the frames take; the rest is margin. */
export const PLOT_SHARE = 0.98;
/** Pixels that a character of a label takes at most: 0.602 em of the widest of the monospaced fonts. */
const CHARACTER_WIDTH = 6.65;
/** The narrowest frame with a label has room for three characters. */
const MIN_LABEL_WIDTH = 6 + 3 * CHARACTER_WIDTH;

export interface FrameLook {
  /** The CSS class that colours a node. */
  readonly classOf: (node: number) => string;
  /** The label of a node that has room for so many characters; what is longer is cut. */
  readonly labelOf: (node: number, room: number) => string;
  /** By name id: whether to draw the frame as found. */
  readonly matchedNames?: Uint8Array;
}

/**
 * Draws the frames of a layout whose width is that of the drawing in pixels: all frames of one colour as one path,
 * stretched to the width, and labels placed by per cent. The same layout gives the same text.
 */
export function drawFrames(
  tree: FrameTree,
  layout: FlameGraphLayout,
  width: number,
  look: FrameLook,
): string {
  const paths = new Map<string, string>();
  const labels: string[] = [];
  const rows = layout.rowStarts.length - 1;
  for (let row = 0; row < rows; row++) {
    const y = row * ROW_HEIGHT;
    for (let place = layout.rowStarts[row]!; place < layout.rowStarts[row + 1]!; place++) {
      const node = layout.nodes[place]!;
      const isMatch = look.matchedNames?.[tree.nameIds[node]!] === 1 && node !== 0;
      const name = isMatch ? 'match' : look.classOf(node);
      const x = layout.xs[place]!;
      const frameWidth = layout.widths[place]!;
      paths.set(name, (paths.get(name) ?? '') + rectangle(x, y, frameWidth, FRAME_HEIGHT));
      if (frameWidth < MIN_LABEL_WIDTH) continue;
      const room = Math.floor((frameWidth - 6) / CHARACTER_WIDTH);
      const text = cutLabel(look.labelOf(node, room), room);
      const left = Number(((x / width) * 100).toFixed(3));
      const found = isMatch ? ' class="found"' : '';
      labels.push(`<text x="${left}%" dx="3" y="${y + 12.5}"${found}>${xmlText(text)}</text>`);
    }
  }
  for (const rest of layout.rests) {
    const y = rest.row * ROW_HEIGHT;
    paths.set('rest', (paths.get('rest') ?? '') + rectangle(rest.x, y, rest.width, 3));
  }
  const shapes = [...paths.keys()].sort().map((name) => `<path class="${name}" d="${paths.get(name)}"/>`);
  const height = rows * ROW_HEIGHT;
  return (
    `<svg width="100%" height="${height}" viewBox="0 0 ${Math.round(width * 10)} ${height}" preserveAspectRatio="none">` +
    `${shapes.join('')}</svg><g class="labels">${labels.join('')}</g>`
  );
}

/** Draws a rectangle; across, in tenths of a pixel, which takes fewer bytes than decimals. */
function rectangle(x: number, y: number, width: number, height: number): string {
  // Half a pixel between neighbours, unless it would take the narrow ones away.
  const drawn = Math.round((width > 3 ? width - 0.5 : width) * 10);
  return `M${Math.round(x * 10)} ${y}h${drawn}v${height}h-${drawn}z`;
}

/** Cuts a label to a number of characters; those of East Asian scripts and emoji, two wide, count twice. */
function cutLabel(text: string, room: number): string {
  let used = 0;
  let end = 0;
  let lastFit = 0;
  for (const character of text) {
    used += character.codePointAt(0)! >= 0x1100 ? 2 : 1;
    if (used <= room - 1) lastFit = end + character.length;
    end += character.length;
    if (used > room) return `${text.slice(0, lastFit)}…`;
  }
  return text;
}
