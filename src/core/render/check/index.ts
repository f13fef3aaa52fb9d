import { renderCheckGithub } from './check-github.ts';
import { renderCheckJson } from './check-json.ts';
import { renderCheckJunit } from './check-junit.ts';
import type { CheckRenderer } from './check-report.ts';
import { renderCheckText } from './check-text.ts';

/** The output formats of checks by the name that `--format` takes. */
export const checkRenderers = {
  text: { mediaType: 'text/plain; charset=utf-8', render: renderCheckText },
  json: { mediaType: 'application/json', render: renderCheckJson },
  junit: { mediaType: 'application/xml', render: renderCheckJunit },
  github: { mediaType: 'text/plain; charset=utf-8', render: renderCheckGithub },
} as const satisfies Record<string, CheckRenderer>;

export type CheckFormat = keyof typeof checkRenderers;
