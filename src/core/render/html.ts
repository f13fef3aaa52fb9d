import type { FrameTree } from '../stack/frame-tree.ts';
import type { RenderOptions } from './render-options.ts';
import { drawPicture } from './svg.ts';
import { type Picture, svgElement } from './svg-document.ts';
import { xmlText } from './xml-text.ts';

/** Draws a flame graph as one HTML page that needs nothing else, and that may load nothing else. */
export function renderHtml(tree: FrameTree, options: RenderOptions): Iterable<string | Uint8Array> {
  return htmlPage(drawPicture(tree, options));
}

/** Writes a page that holds a picture and nothing else. */
export function* htmlPage(picture: Picture): Generator<string | Uint8Array> {
  yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n';
  yield `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">\n`;
  yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n';
  yield `<title>${xmlText(picture.facts.title)}</title>\n`;
  yield '<style>body{margin:0}body>svg{display:block}</style>\n</head>\n<body>\n';
  yield* svgElement(picture, true);
  yield '</body>\n</html>\n';
}
