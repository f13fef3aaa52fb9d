import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { lightTheme } from '../../../src/core/render/palette.ts';
import { diffTrees } from '../../../src/core/stack/diff-trees.ts';
import { treeOf } from '../../unit/stack/stacks.ts';
import { buildPage, closeBrowser, eventually, ServiceInBrowser, whyNoBrowser } from './browse-service.ts';
import { offcpuBatch } from './fill-database.ts';
import { GraphOnPage } from './graph-on-page.ts';

const ms = 1_000_000;
const before = { 'read;wait': 20, same: 40, 'gone;deep': 30 };
const after = { 'read;wait': 60, same: 40, new: 10 };
const comparison = `?where=${encodeURIComponent('labels.kernel = b')}&against=${encodeURIComponent('labels.kernel = a')}`;

describe.skipIf(whyNoBrowser !== undefined)(`the page compares ${whyNoBrowser ?? ''}`, () => {
  let service: ServiceInBrowser;

  beforeAll(async () => {
    buildPage();
    const batch = (stacks: Readonly<Record<string, number>>, kernel: string) =>
      offcpuBatch(
        Object.entries(stacks).map(([stack, weight]) => ['dd', 1, stack, weight * ms] as const),
        { labels: { kernel } },
      );
    service = await ServiceInBrowser.start({ batches: [batch(before, 'a'), batch(after, 'b')] });
  });
  afterEach(async () => {
    expect(await service.closeAll()).toEqual([]);
  });
  afterAll(async () => {
    await service.stop();
    await closeBrowser();
  });

  const { tree } = diffTrees(treeOf(before), treeOf(after));

  test('records by labels: changes by colour and in words, what vanished among them', async () => {
    const page = await service.open(comparison);
    await page.getByRole('tree').waitFor();
    const graph = new GraphOnPage(page, tree);
    await eventually(() => graph.active()).toMatch(/^root: 90 ms → 110 ms · \+20 ms · \+22\.2% of before/);
    await eventually(() => graph.colourOf('read')).toBe(lightTheme.steps.at(-1));
    await eventually(() => graph.colourOf('gone')).toBe(lightTheme.steps[0]);
    await eventually(() => graph.colourOf('same')).toBe(lightTheme.steps[4]);
    await graph.click('gone');
    await eventually(() => graph.active()).toMatch(/^gone: 30 ms → 0 ns · -30 ms · gone/);
    expect(await page.evaluate<string>('location.search')).toContain('zoom=gone');
    expect(await page.locator('.legend').textContent()).toContain('not normalised');
  });

  test('shares of both totals where the weights themselves mean nothing', async () => {
    const page = await service.open(comparison);
    await page.getByRole('button', { name: 'By share' }).click();
    const graph = new GraphOnPage(page, tree);
    await eventually(() => graph.active()).toMatch(/^root: 110 ms → 110 ms/);
    expect(await page.locator('.legend').textContent()).toContain('normalised by total: before × 1.222');
    expect(await page.evaluate<string>('location.search')).toContain('shares=1');
  });

  test('with what is typed, until it is taken away; and says what is wrong with it', async () => {
    const page = await service.open(`?where=${encodeURIComponent('labels.kernel = b')}`);
    const graph = new GraphOnPage(page, tree);
    await eventually(() => graph.active()).toBe('root: 110 ms · 100% of total');
    expect(await page.getByRole('button', { name: 'By share' }).count()).toBe(0);
    const field = page.getByLabel('Compare with');
    await field.fill('labels.kernel = a');
    await field.press('Enter');
    await eventually(() => graph.active()).toMatch(/^root: 90 ms → 110 ms/);
    await field.fill('elapsd > 5');
    await field.press('Enter');
    await eventually(() => field.getAttribute('aria-invalid')).toBe('true');
    await field.fill("process ~ '('");
    await field.press('Enter');
    await eventually(() => page.locator('.field.against .problem').textContent()).toContain(
      'regular expression',
    );
    await field.fill('pid = 99');
    await field.press('Enter');
    await page.getByText('No stack matches what is compared with').waitFor();
    await field.fill('');
    await field.press('Enter');
    await eventually(() => graph.active()).toBe('root: 110 ms · 100% of total');
    // The service's refusals of what was wrong are errors to the browser's console too.
    service.problems.splice(0);
  });
});
