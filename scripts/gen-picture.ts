import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { buildTree, renderers } from '../src/core/index.ts';

/** Makes docs/flamegraph.svg, the picture in the README, from a recording: off-CPU time by process and stack. */
export async function genPicture(): Promise<string> {
  const file = fileURLToPath(new URL('../test/fixtures/recordings/offcpu-real.tsv.gz', import.meta.url));
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');
  const stacks = lines
    .map((line) => line.split('\t') as [string, string, string, string])
    // Workers that wait for work are most of all time off the CPU, and say nothing.
    .filter(([, , stack]) => !/rescuer_thread|worker_thread|smpboot_thread_fn/.test(stack))
    .map(([process, , stack, elapsed]) => ({ stack: `${process};${stack}`, weight: Number(elapsed) }));
  const title = 'Off-CPU time under apt, dd, gcc, mariadb and node';
  return [...renderers.svg.render(buildTree(stacks), { unit: 'ns', title, maxFrames: 2000 })].join('');
}
