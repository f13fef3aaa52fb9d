import { printFolded } from '../stack/print-folded.ts';
import { renderHtml } from './html.ts';
import { renderJson } from './json.ts';
import { renderPerfetto } from './perfetto.ts';
import { renderPprof } from './pprof.ts';
import type { Renderer } from './render-options.ts';
import { renderSpeedscope } from './speedscope.ts';
import { renderSvg } from './svg.ts';
import { renderTerminal } from './terminal.ts';

/** The output formats by the name that `--format` takes. */
export const renderers = {
  svg: { mediaType: 'image/svg+xml', extension: 'svg', render: renderSvg },
  text: { mediaType: 'text/plain; charset=utf-8', extension: 'txt', render: renderTerminal },
  html: { mediaType: 'text/html; charset=utf-8', extension: 'html', render: renderHtml },
  json: { mediaType: 'application/json', extension: 'json', render: renderJson },
  pprof: { mediaType: 'application/octet-stream', extension: 'pb.gz', render: renderPprof },
  perfetto: { mediaType: 'application/json', extension: 'perfetto.json', render: renderPerfetto },
  speedscope: { mediaType: 'application/json', extension: 'speedscope.json', render: renderSpeedscope },
  folded: {
    mediaType: 'text/plain; charset=utf-8',
    extension: 'folded',
    render: (tree) => printFolded(tree),
  },
} as const satisfies Record<string, Renderer>;

export type OutputFormat = keyof typeof renderers;
