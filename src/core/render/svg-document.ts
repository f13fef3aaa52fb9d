import type { PictureFacts } from './picture-facts.ts';
import { svgClient } from './svg-client.generated.ts';
import { FRAME_HEIGHT, PLOT_SHARE, ROW_HEIGHT } from './svg-frames.ts';
import { SVG_CLASS, svgStyle } from './svg-style.ts';
import { safeJson, xmlText } from './xml-text.ts';

/** Of a picture whose width nobody chose. */
export const DEFAULT_WIDTH = 1200;
/** Where the frames start, under title and notes; each note takes a line. */
const TITLE_BASE = 26;
const NOTE_LINE = 17;
const PLOT_GAP = 9;

/** What a picture is made of. */
export interface Picture {
  readonly facts: PictureFacts;
  /** Said of the whole by assistive technology. */
  readonly summary: string;
  readonly notes: readonly string[];
  /** Markup under the notes, with its height. */
  readonly legend?: { readonly markup: string; readonly height: number };
  readonly width: number;
  readonly rows: number;
  readonly frames: string;
  /** The trees as JSON texts: the one drawn, or those before and after. */
  readonly trees: readonly Iterable<string | Uint8Array>[];
}

/** Writes a picture as a file of its own. */
export function* svgDocument(picture: Picture): Generator<string | Uint8Array> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield* svgElement(picture);
}

/**
 * Writes a picture that shows as it is, and comes to life where scripts run. With `isPage` it is the only thing on its
 * page: as wide as that, and its view in the address.
 */
export function* svgElement(picture: Picture, isPage = false): Generator<string | Uint8Array> {
  const notesEnd = TITLE_BASE + picture.notes.length * NOTE_LINE;
  const plotTop = notesEnd + PLOT_GAP + (picture.legend?.height ?? 0);
  const plotHeight = (picture.rows - 1) * ROW_HEIGHT + FRAME_HEIGHT;
  const margin = (100 - PLOT_SHARE * 100) / 2;
  yield `<svg xmlns="http://www.w3.org/2000/svg" class="${SVG_CLASS}" width="${picture.width}" height="${plotTop + plotHeight + 12}" role="img" aria-label="${xmlText(picture.summary)}"${isPage ? ' data-page=""' : ''}>\n`;
  yield `<title>${xmlText(picture.facts.title)}</title>\n`;
  yield `<style><![CDATA[\n${svgStyle()}\n]]></style>\n`;
  yield `<rect class="page" width="100%" height="100%"/>\n`;
  yield `<text class="title" x="${margin}%" y="${TITLE_BASE}">${xmlText(picture.facts.title)}</text>\n`;
  for (const [index, note] of picture.notes.entries()) {
    yield `<text class="note" x="${margin}%" y="${TITLE_BASE + (index + 1) * NOTE_LINE + 2}">${xmlText(note)}</text>\n`;
  }
  if (picture.legend !== undefined) {
    yield `<svg class="legend" x="${margin}%" y="${notesEnd + PLOT_GAP}" width="${PLOT_SHARE * 100}%" height="${picture.legend.height}">${picture.legend.markup}</svg>\n`;
  }
  yield `<svg class="plot" x="${margin}%" y="${plotTop}" width="${PLOT_SHARE * 100}%" height="${plotHeight}">${picture.frames}</svg>\n`;
  yield `<metadata class="data">{"facts":${safeJson(picture.facts)},"trees":[`;
  for (const [index, tree] of picture.trees.entries()) {
    if (index > 0) yield ',';
    yield* tree;
  }
  yield `]}</metadata>\n`;
  yield `<script><![CDATA[\n${svgClient}\n]]></script>\n</svg>\n`;
}
