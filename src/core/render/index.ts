import { printFolded } from '../stack/print-folded.ts';
import { renderJson } from './json.ts';
import type { Renderer } from './render-options.ts';
import { renderSvg } from './svg.ts';
import { renderTerminal } from './terminal.ts';

/** The output formats by the name that `--format` takes. */
export const renderers = {
  svg: { mediaType: 'image/svg+xml', extension: 'svg', render: renderSvg },
  text: { mediaType: 'text/plain; charset=utf-8', extension: 'txt', render: renderTerminal },
  json: { mediaType: 'application/json', extension: 'json', render: renderJson },
  folded: {
    mediaType: 'text/plain; charset=utf-8',
    extension: 'folded',
    render: (tree) => printFolded(tree),
  },
} as const satisfies Record<string, Renderer>;

export type OutputFormat = keyof typeof renderers;
