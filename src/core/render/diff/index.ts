import { printDiffFolded } from '../../stack/print-diff-folded.ts';
import { renderDiffHtml } from './diff-html.ts';
import { renderDiffJson } from './diff-json.ts';
import type { DiffRenderer } from './diff-options.ts';
import { renderDiffSvg } from './diff-svg.ts';
import { renderDiffTable } from './diff-table.ts';
import { renderDiffTerminal } from './diff-terminal.ts';

/** The output formats of differences by the name that `--format` takes. */
export const diffRenderers = {
  table: { mediaType: 'text/plain; charset=utf-8', extension: 'txt', render: renderDiffTable },
  text: { mediaType: 'text/plain; charset=utf-8', extension: 'txt', render: renderDiffTerminal },
  svg: { mediaType: 'image/svg+xml', extension: 'svg', render: renderDiffSvg },
  html: { mediaType: 'text/html; charset=utf-8', extension: 'html', render: renderDiffHtml },
  json: { mediaType: 'application/json', extension: 'json', render: renderDiffJson },
  folded: {
    mediaType: 'text/plain; charset=utf-8',
    extension: 'folded',
    render: ({ diff }) => printDiffFolded(diff),
  },
} as const satisfies Record<string, DiffRenderer>;

export type DiffFormat = keyof typeof diffRenderers;
