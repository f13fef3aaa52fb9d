import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { renderers } from '../../../src/core/render/index.ts';
import { recordedTree, textOf } from '../../unit/render/recording.ts';
import { treeOf } from '../../unit/stack/stacks.ts';
import { Browsing, eventually, whyNoBrowser } from './browse.ts';

const tree = recordedTree();
const options = { unit: 'ns', title: 'Off-CPU <time>' } as const;

describe.skipIf(whyNoBrowser !== undefined)(`what is exported, in Chromium ${whyNoBrowser ?? ''}`, () => {
  let browsing: Browsing;

  beforeAll(async () => {
    browsing = await Browsing.start();
  });
  afterEach(() => {
    expect(browsing.problems.splice(0)).toEqual([]);
  });
  afterAll(() => browsing.stop());

  test('the HTML page is as wide as its window, live, and has its view in its address', async () => {
    browsing.documents.set('/page.html', {
      body: textOf(renderers.html.render(tree, options)),
      type: renderers.html.mediaType,
    });
    const page = await browsing.open('/page.html#search=futex_wait%24');
    expect(await page.title()).toBe('Off-CPU <time>');
    expect(await page.locator('.found[role=status]').textContent()).toMatch(/ found · \d/);
    await page.getByRole('treeitem').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await page.evaluate<string>('location.hash')).toMatch(/^#zoom=.*&search=futex_wait%24$/);
    expect(await page.evaluate('document.querySelector("svg").getBoundingClientRect().width')).toBe(1280);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(1280);
  });

  /** Puts speedscope itself at an address. */
  function serveSpeedscope(): void {
    const folder = new URL('../../../node_modules/speedscope/dist/release/', import.meta.url);
    const types: Readonly<Record<string, string>> = {
      '.html': 'text/html',
      '.js': 'text/javascript',
      '.css': 'text/css',
      '.wasm': 'application/wasm',
      '.woff2': 'font/woff2',
    };
    for (const name of readdirSync(folder)) {
      browsing.documents.set(`/speedscope/${name}`, {
        body: readFileSync(new URL(name, folder)),
        type: types[extname(name)] ?? 'application/octet-stream',
      });
    }
  }

  test("speedscope's own reader takes the speedscope file", async () => {
    serveSpeedscope();
    browsing.documents.set('/profile.json', {
      body: textOf(renderers.speedscope.render(tree, options)),
      type: renderers.speedscope.mediaType,
    });
    const profile = encodeURIComponent(`${browsing.origin}/profile.json`);
    const page = await browsing.open(`/speedscope/index.html#profileURL=${profile}`);
    await page.getByText('Left Heavy').waitFor();
    await eventually(() => page.title()).toContain('Off-CPU <time>');
    await page.getByText('Sandwich').click();
    await eventually(() => page.locator('body').textContent()).toMatch(/13\.66s.*__schedule/);
  });

  test("speedscope's reader of trace events takes the file for Perfetto", async () => {
    serveSpeedscope();
    // No callee that begins when one of the same name ends: which of both comes first speedscope has to guess.
    const small = treeOf({ 'dd;read;schedule': 5_000_000, 'dd;write': 900_000, sh: 60_000 });
    browsing.documents.set('/events.json', {
      body: textOf(renderers.perfetto.render(small, options)),
      type: renderers.perfetto.mediaType,
    });
    const profile = encodeURIComponent(`${browsing.origin}/events.json`);
    const page = await browsing.open(`/speedscope/index.html#profileURL=${profile}`);
    await page.getByText('Left Heavy').waitFor();
    await page.getByText('Sandwich').click();
    await eventually(() => page.locator('body').textContent()).toMatch(/5\.00ms.*schedule/);
  });
});
