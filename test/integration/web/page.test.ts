import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { formatDurationNs } from '../../../src/core/base/units.ts';
import { darkTheme, lightTheme } from '../../../src/core/render/palette.ts';
import type { FrameTree } from '../../../src/core/stack/frame-tree.ts';
import { fromNestedTree } from '../../../src/core/stack/from-nested-tree.ts';
import { buildPage, closeBrowser, eventually, ServiceInBrowser, whyNoBrowser } from './browse-service.ts';
import { readRecording, recordedBatches } from './fill-database.ts';
import { GraphOnPage } from './graph-on-page.ts';

const wholeGraph = { offcputime: { elements: ['stack', 'elapsed'], format: 'flamegraph' } };
const SYSCALL = 'entry_SYSCALL_64_after_hwframe;do_syscall_64';
const FUTEX = `${SYSCALL};__x64_sys_futex;do_futex;futex_wait`;

beforeAll(buildPage);
afterAll(closeBrowser);

test('all that the page loads is well under 60 KB when packed', () => {
  const folder = new URL('../../../dist/assets/web/', import.meta.url);
  const files = readdirSync(folder);
  expect(files.sort()).toEqual(['app.css', 'app.js', 'icon.svg', 'index.html']);
  const sizes = files.map((file) => gzipSync(readFileSync(new URL(file, folder))).length);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(45_000);
});

describe.skipIf(whyNoBrowser !== undefined)(`the page over real records ${whyNoBrowser ?? ''}`, () => {
  let service: ServiceInBrowser;
  let tree: FrameTree;

  beforeAll(async () => {
    service = await ServiceInBrowser.start({ batches: recordedBatches() });
    tree = fromNestedTree(await service.ask(wholeGraph));
  });
  afterEach(async () => {
    expect(await service.closeAll()).toEqual([]);
  });
  afterAll(() => service.stop());

  async function open(address = '', options = {}) {
    const page = await service.open(address, options);
    await page.getByRole('tree').waitFor();
    return { page, graph: new GraphOnPage(page, tree) };
  }

  test('shows the total that the API answers, in its unit', async () => {
    const { page, graph } = await open();
    expect(await page.locator('.strip data').first().getAttribute('value')).toBe(String(tree.totals[0]));
    expect(await page.locator('.strip .fact').first().textContent()).toBe('Total elapsed13.7 s');
    expect(await graph.active()).toBe('root: 13.7 s · 100% of total');
    expect(await page.title()).toBe('offcputime · kernelscope');
  });

  test('paints each frame where the layout puts it, in the colour of its name', async () => {
    const { graph } = await open();
    for (const stack of [SYSCALL, FUTEX]) {
      await eventually(() => graph.colourOf(stack)).toBe(graph.expectedColour(stack, lightTheme));
    }
  });

  test('is dark where the system is', async () => {
    const { page, graph } = await open('', { colorScheme: 'dark' });
    await eventually(() => graph.colourOf(FUTEX)).toBe(graph.expectedColour(FUTEX, darkTheme));
    await page.emulateMedia({ colorScheme: 'light' });
    await eventually(() => graph.colourOf(FUTEX)).toBe(graph.expectedColour(FUTEX, lightTheme));
  });

  test('tells about the frame under the pointer', async () => {
    const { page, graph } = await open();
    await graph.hover(FUTEX);
    await page.locator('.tooltip').waitFor();
    expect(await page.locator('.tooltip b').textContent()).toBe('futex_wait');
    expect(await page.locator('.details strong').textContent()).toBe('futex_wait');
    expect(await page.locator('.details-text span').textContent()).toMatch(
      /^2\.14 s · 15\.7% of total · 100% of caller$/,
    );
    await page.mouse.move(5, 5);
    await eventually(() => page.locator('.details strong').textContent()).toBe('root');
  });

  test('zooms into a frame by a click, and out again by the back button', async () => {
    const { page, graph } = await open();
    await graph.click(FUTEX);
    await eventually(() => page.locator('.tooltip').isVisible()).toBe(false);
    await eventually(() => graph.active()).toMatch(/^futex_wait: 2\.14 s · 15\.7% of total/);
    expect(new URL(page.url()).searchParams.get('zoom')).toBe(FUTEX);
    // What is zoomed fills the width, and so does its only callee.
    await eventually(() => graph.colourOf(`${FUTEX};__futex_wait`, FUTEX)).toBe(
      graph.expectedColour(`${FUTEX};__futex_wait`, lightTheme),
    );
    await page.goBack();
    await eventually(() => graph.active()).toMatch(/^root/);
    await page.goForward();
    await eventually(() => graph.active()).toMatch(/^futex_wait/);
    await graph.click(SYSCALL, FUTEX);
    await eventually(() => graph.active()).toMatch(/^do_syscall_64/);
    await page.getByRole('button', { name: 'Reset' }).click();
    await eventually(() => graph.active()).toMatch(/^root/);
  });

  test('searches, says the share without counting twice, and goes through what is found', async () => {
    const { page, graph } = await open();
    await page.keyboard.press('/');
    await page.keyboard.type('FUTEX_wait$');
    const rows = readRecording().filter(([, , stack]) => /futex_wait(;|$)/.test(stack));
    const weight = formatDurationNs(rows.reduce((sum, [, , , elapsed]) => sum + elapsed, 0));
    const found = page.locator('output.found');
    await eventually(() => found.textContent()).toBe(`4 frames, ${weight} (15.8%)`);
    await eventually(() => graph.colourOf(FUTEX)).toBe(lightTheme.match);
    expect(await graph.colourOf(SYSCALL)).toBe(graph.expectedColour(SYSCALL, lightTheme));
    await page.keyboard.press('Enter');
    await eventually(() => graph.active()).toMatch(/^futex_wait:/);
    await page.keyboard.press('Enter');
    await eventually(() => graph.active()).toMatch(/^__futex_wait:/);
    await page.keyboard.press('Shift+Enter');
    await eventually(() => graph.active()).toMatch(/^futex_wait:/);
    await page.getByRole('button', { name: 'Aa' }).click();
    await eventually(() => found.textContent()).toBe('no frame matches');
    await page.getByRole('searchbox').press('Escape');
    await eventually(() => found.textContent()).toBe('');
    expect(new URL(page.url()).searchParams.has('search')).toBe(false);
  });

  test('a match too narrow to draw is zoomed into', async () => {
    const { page, graph } = await open('?search=%5Etruncate_pagecache%24');
    await eventually(() => page.locator('output.found').textContent()).toMatch(
      /^\d frames?, .* ns \(<0\.01%\)$/,
    );
    await graph.element.focus();
    await page.keyboard.press('n');
    await eventually(() => graph.active()).toMatch(/^truncate_pagecache:/);
    await page.keyboard.press('Escape');
    await eventually(() => new URL(page.url()).searchParams.has('zoom')).toBe(false);
  });

  test('everything in the graph can be reached by keys', async () => {
    const { page, graph } = await open();
    await graph.element.focus();
    await page.keyboard.press('ArrowUp');
    await eventually(() => graph.active()).toMatch(/^ret_from_fork_asm: /);
    await page.keyboard.press('ArrowLeft');
    await eventually(() => graph.active()).toMatch(/^entry_SYSCALL_64_after_hwframe: /);
    await page.keyboard.press('Enter');
    await eventually(() => new URL(page.url()).searchParams.get('zoom')).toBe(SYSCALL.split(';')[0]);
    await page.keyboard.press('Escape');
    await eventually(() => graph.active()).toMatch(/^root: /);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await eventually(() => graph.active()).toMatch(/^ret_from_fork: /);
    await page.keyboard.press('ArrowDown');
    await eventually(() => graph.active()).toMatch(/^ret_from_fork_asm: /);
    const item = graph.element.getByRole('treeitem');
    expect(await item.getAttribute('aria-level')).toBe('2');
    expect(await graph.element.getAttribute('aria-activedescendant')).toBe(await item.getAttribute('id'));
  });

  test('a link shows the same again: filters, weight, zoom, search and how it is drawn', async () => {
    const { page, graph } = await open(
      `?weight=count&where=stack+contains+futex&host=destiny&zoom=${encodeURIComponent(SYSCALL)}&search=futex&icicle=1&sort=pid&limit=100`,
    );
    expect(await page.getByLabel('Where', { exact: true }).inputValue()).toBe('stack contains futex');
    expect(await page.getByLabel('Weigh by').inputValue()).toBe('count');
    expect(await page.getByLabel('Hosts').inputValue()).toBe('destiny');
    expect(await page.getByRole('searchbox').inputValue()).toBe('futex');
    expect(await page.getByRole('button', { name: 'Root on top' }).getAttribute('aria-pressed')).toBe('true');
    expect(await graph.active()).toMatch(/^do_syscall_64: \d+ · 100% of total · 100% of caller/);
    expect(await page.locator('.records [aria-sort=ascending]').textContent()).toBe('PID');
    expect(await page.locator('.records .summary').textContent()).toMatch(
      /^the first 100 records by ascending PID/,
    );
  });

  test('turns the graph around and merges recursion', async () => {
    const { page, graph } = await open();
    await page.getByRole('button', { name: 'Invert' }).click();
    await graph.element.focus();
    await page.keyboard.press('ArrowUp');
    await eventually(() => graph.active()).toMatch(/^__schedule: 13\.7 s · 99\.9% of total/);
    await page.keyboard.press('i');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowUp');
    await eventually(() => graph.active()).toMatch(/^ret_from_fork_asm/);
  });

  test('copies a stack as it is stored', async () => {
    const { page, graph } = await open('', { permissions: ['clipboard-read', 'clipboard-write'] });
    await graph.click(FUTEX);
    await page.getByRole('button', { name: 'Copy stack' }).click();
    await eventually(() => page.locator('.details-text span').textContent()).toBe('the stack is copied');
    // Pasted into a field, as people do.
    const where = page.getByLabel('Where', { exact: true });
    await where.focus();
    await page.keyboard.press('ControlOrMeta+v');
    expect(await where.inputValue()).toBe(FUTEX);
  });

  test('keeps only the records with a frame, or leaves them out', async () => {
    const { page, graph } = await open();
    await graph.click(FUTEX);
    await page.getByRole('button', { name: 'Only these' }).click();
    const where = page.getByLabel('Where', { exact: true });
    await eventually(() => where.inputValue()).toBe("stack ~ '(^|;)futex_wait(;|$)'");
    await eventually(() => page.locator('.strip .fact').first().textContent()).toBe('Total elapsed2.16 s');
    await page.getByRole('button', { name: 'Without' }).click();
    await page.getByText('No record of offcputime matches').waitFor();
    await page.getByRole('button', { name: 'Show all records' }).click();
    await eventually(() => page.locator('.strip .fact').first().textContent()).toBe('Total elapsed13.7 s');
    expect(new URL(page.url()).search).toBe('');
  });

  test('opens a top stack in the graph', async () => {
    const { page, graph } = await open();
    const stacks = page.locator('.top-stacks');
    expect(await stacks.locator('.grid-row').first().innerText()).toMatch(
      /^3\.21 s\s+23\.5%\s+.*rescuer_thread/s,
    );
    await stacks.locator('.grid-row').first().click();
    await eventually(() => graph.active()).toMatch(/^__schedule: 3\.21 s · 23\.5% of total/);
  });

  test.each([
    { width: 400, height: 800 },
    { width: 1920, height: 1080 },
  ])('fits a window of $width pixels', async (viewport) => {
    const { page, graph } = await open('', { viewport });
    const widths = await page.locator('body').evaluate((body) => [body.scrollWidth, body.clientWidth]);
    expect(widths[0]).toBe(widths[1]);
    await eventually(() => graph.colourOf(SYSCALL)).toBe(graph.expectedColour(SYSCALL, lightTheme));
  });
});
