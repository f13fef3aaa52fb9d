import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { renderSvg } from '../src/core/render/svg.ts';
import { buildTree } from '../src/core/stack/build-tree.ts';
import type { FrameTree } from '../src/core/stack/frame-tree.ts';
import { keepTop } from '../src/core/stack/keep-top.ts';
import { parseFolded } from '../src/core/stack/parse-folded.ts';
import type { Result } from './index.ts';
import { markovLines, readRecordedFolded } from './markov-stacks.ts';
import { median } from './measure.ts';

export const title = 'how long does a browser take to show a picture, to zoom and to search in it?';

const rounds = 5;

/** Opens pictures of several sizes in a real Chromium, from `CHROMIUM` or Debian's place. */
export async function run(): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'kernelscope-browser-'));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
    ],
  });
  try {
    const walks = buildTree(parseFolded(Buffer.concat([...markovLines(100_000, 100_000)])));
    const pictures: [string, FrameTree][] = [
      ['13 k recorded lines', buildTree(parseFolded(readRecordedFolded()))],
      ['100 k frames', keepTop(walks, 100_000)],
      ['all frames', walks],
    ];
    const rows: (string | number)[][] = [];
    for (const [name, tree] of pictures) {
      const file = join(folder, 'picture.svg');
      writeFileSync(
        file,
        Buffer.concat(
          Array.from(renderSvg(tree, { unit: 'count' }), (chunk) => Buffer.from(chunk as string)),
        ),
      );
      const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
      const times: [number, number, number][] = [];
      for (let round = 0; round < rounds; round++)
        times.push(await timePicture(page, pathToFileURL(file).href));
      await page.close();
      const medians = [0, 1, 2].map((place) => median(times.map((each) => each[place]!)).toFixed(0));
      rows.push([name, tree.totals.length - 1, (statSync(file).size / 1e6).toFixed(2), ...medians]);
    }
    return {
      columns: ['picture', 'frames', 'MB', 'shown, ms', 'zoom, ms', 'search, ms'],
      rows,
      notes: [
        `medians of ${rounds}; shown is from the navigation to the frame after the script has drawn`,
        'zoom and search are from the event to the frame after it; goals: 100 k frames within 1000, 200 and 200 ms',
      ],
    };
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
}

async function timePicture(page: Page, address: string): Promise<[number, number, number]> {
  await page.goto('about:blank');
  await page.goto(address);
  const frame = 'new Promise((done) => requestAnimationFrame(() => setTimeout(done)))';
  const shown = await page.evaluate<number>(`${frame}.then(() => performance.now())`);
  const timed = (action: string) =>
    page.evaluate<number>(
      `(async () => { const start = performance.now(); ${action}; await ${frame}; return performance.now() - start; })()`,
    );
  const search = await timed(
    `const input = document.querySelector('input'); input.value = 'sched|wait'; input.dispatchEvent(new Event('input'))`,
  );
  const zoom = await timed(
    `const plot = document.querySelector('.plot'); const top = Number(plot.getAttribute('y')); plot.dispatchEvent(new MouseEvent('click', { clientX: 300, clientY: top + 45, bubbles: true }))`,
  );
  return [shown, zoom, search];
}
