import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeEntries } from '../../../src/core/category/entry-columns.ts';
import type { Batch, Category } from '../../../src/core/index.ts';
import { defineCategory } from '../../../src/core/index.ts';
import { buildPage, closeBrowser, eventually, ServiceInBrowser, whyNoBrowser } from './browse-service.ts';
import { FIRST_TIME_US, offcpuBatch, recordedBatches } from './fill-database.ts';

const runqlat: Category = defineCategory({
  name: 'runqlat',
  prettyName: 'Run queue latency',
  columns: [
    { name: 'queue', type: 'string', prettyName: 'Queue' },
    { name: 'wakeup', type: 'stack', prettyName: 'Wakeup' },
    { name: 'waker', type: 'stack', prettyName: 'Waker', optional: true },
    { name: 'threads', type: 'int', prettyName: 'Threads' },
    { name: 'latency', type: 'elapsed', prettyName: 'Latency', unit: 'ms' },
  ],
});
const loadavg: Category = defineCategory({
  name: 'loadavg',
  prettyName: 'Load',
  columns: [{ name: 'running', type: 'int', prettyName: 'Running' }],
});

const otherBatch: Batch = {
  hostname: 'elsewhere',
  timeUs: FIRST_TIME_US,
  labels: {},
  lost: 0,
  entries: [
    makeEntries({
      category: runqlat,
      length: 2,
      values: [
        ['q0', 'q1'],
        ['try_to_wake_up;ttwu_queue', 'try_to_wake_up;select_task_rq'],
        ['irq;timer', null],
        [3, 40],
        [1500, 500],
      ],
    }),
    makeEntries({ category: loadavg, length: 1, values: [[7]] }),
  ],
};

beforeAll(buildPage);
afterAll(closeBrowser);

describe.skipIf(whyNoBrowser !== undefined)(`questions to the service ${whyNoBrowser ?? ''}`, () => {
  let service: ServiceInBrowser;

  beforeAll(async () => {
    const batches = [...recordedBatches(), otherBatch];
    service = await ServiceInBrowser.start({ batches, categories: [runqlat, loadavg] });
  });
  afterEach(async () => {
    expect(await service.closeAll()).toEqual([]);
  });
  afterAll(() => service.stop());

  async function open(address = '') {
    const page = await service.open(address);
    await page.locator('.results').waitFor();
    return {
      page,
      where: page.getByLabel('Where', { exact: true }),
      fact: () => page.locator('.strip .fact').first().textContent(),
      summary: () => page.locator('.records .summary').textContent(),
      parameters: () => Object.fromEntries(new URL(page.url()).searchParams),
    };
  }

  test('a condition is asked as the command line would', async () => {
    const { page, where, fact, summary, parameters } = await open();
    await where.fill('process = dd and elapsed > 1ms');
    await where.press('Enter');
    const constraints = [
      {
        oper: 'and',
        conditions: [
          { process: 'dd', expr: '=' },
          { elapsed: 1_000_000, expr: '>' },
        ],
      },
    ];
    const answer = (await service.ask({ offcputime: { constraints } })) as { offcputime: unknown[] };
    await eventually(summary).toBe(`all ${answer.offcputime.length} records that match`);
    expect(await fact()).not.toBe('Total elapsed13.7 s');
    expect(parameters()).toEqual({ where: 'process = dd and elapsed > 1ms' });
    await page.goBack();
    await eventually(fact).toBe('Total elapsed13.7 s');
    expect(await where.inputValue()).toBe('');
  });

  test('what is wrong with a condition is said beside it, with a caret; the page keeps what it shows', async () => {
    const { page, where, fact } = await open();
    await where.fill('process = dd and elapsd > 5ms');
    await page.getByRole('button', { name: 'Run' }).click();
    const problem = page.locator('.where-box .problem');
    await problem.locator('pre').waitFor();
    expect(await problem.locator('.problem-message').textContent()).toBe(
      "category 'offcputime' has no column 'elapsd'",
    );
    expect(await problem.locator('pre').textContent()).toBe(
      'process = dd and elapsd > 5ms\n                 ^',
    );
    expect(await problem.textContent()).toContain("did you mean 'elapsed'?");
    expect(await where.getAttribute('aria-invalid')).toBe('true');
    expect(await fact()).toBe('Total elapsed13.7 s');
    expect(await page.locator('.results').getAttribute('class')).toContain('stale');
    await where.fill('process = dd');
    await where.press('Enter');
    await eventually(() => problem.textContent()).toBe('');
    await eventually(() => page.locator('.results').getAttribute('class')).toBe('results');
  });

  test('what only the service finds wrong is shown as well', async () => {
    const page = await service.open("?where=stack+~+'('");
    const problem = page.locator('.where-box .problem');
    await eventually(() => problem.textContent()).toContain("'(' is not a regular expression");
    // Both questions have the same condition; the other's answer may be still to come.
    await page.waitForLoadState('networkidle');
    expect(new Set(service.problems.splice(0))).toEqual(
      new Set(['Failed to load resource: the server responded with a status of 400 (Bad Request)']),
    );
  });

  test('an answer that arrives takes nothing away that is being written', async () => {
    const { page, where, fact } = await open();
    await page.getByLabel('Hosts').fill('fate');
    await where.fill('process = d');
    await eventually(fact).not.toBe('Total elapsed13.7 s');
    expect(await where.inputValue()).toBe('process = d');
    await page.getByLabel('Until').fill('2026');
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText("'2026' is not a timestamp").waitFor();
    expect(await page.getByLabel('Until').inputValue()).toBe('2026');
  });

  test('times, hosts and labels narrow the records; what is wrong is said beside each', async () => {
    const { page, fact, summary, parameters } = await open();
    await page.getByLabel('Until').fill('2026-01-02 03:05');
    await page.getByLabel('Until').press('Enter');
    await eventually(fact).not.toBe('Total elapsed13.7 s');
    await page.getByLabel('Hosts').fill('fate, destiny');
    await page.getByLabel('Labels').fill('kernel=v6.1');
    await page.getByLabel('Labels').press('Enter');
    await page.getByText('No record of offcputime matches').waitFor();
    await page.getByLabel('Until').fill('2026-01-02 03:06');
    await page.getByLabel('Until').press('Enter');
    await eventually(summary).toMatch(/^the first 1,000 records .* more match$/);
    const hosts = page.locator('.records [role=gridcell]:first-child');
    expect(new Set(await hosts.allTextContents())).toEqual(new Set(['fate']));
    expect(new URL(page.url()).searchParams.getAll('host')).toEqual(['fate', 'destiny']);
    await page.getByLabel('Since').fill('yesterday');
    await page.getByLabel('Labels').fill('v6.1');
    await page.getByLabel('Labels').press('Enter');
    await eventually(() => page.locator('.since .problem').textContent()).toContain(
      "'yesterday' is not a timestamp",
    );
    expect(await page.locator('.labels .problem').textContent()).toContain("'v6.1' is no label");
    expect(parameters()).toMatchObject({ since: 'yesterday' });
    await page.getByLabel('Labels').fill('');
    await page.getByRole('group', { name: 'Time span' }).getByText('15 min').click();
    await page.getByText('No record of offcputime matches').waitFor();
    expect(parameters()).toMatchObject({ since: '15m' });
  });

  test('a category that was declared at run time is there, with its own columns, stacks and weights', async () => {
    const { page, fact } = await open();
    await page.getByLabel('Category').selectOption('runqlat');
    await eventually(fact).toBe('Total latency2 s');
    expect(await page.getByLabel('Stacks', { exact: true }).locator('option').allTextContents()).toEqual([
      'Wakeup',
      'Waker',
    ]);
    expect(await page.getByLabel('Weigh by').locator('option').allTextContents()).toEqual([
      'Latency',
      'Threads',
      'Records',
    ]);
    expect(await page.locator('.records [role=columnheader]').allTextContents()).toEqual([
      'Hostname',
      'Time (UTC)',
      'Queue',
      'Wakeup',
      'Waker',
      'Threads',
      'Latency',
    ]);
    expect(await page.locator('.records .grid-row').first().innerText()).toMatch(/q0.*1\.5 s$/s);
    await page.getByLabel('Stacks', { exact: true }).selectOption('waker');
    await eventually(fact).toBe('Total latency1.5 s');
    await page.getByLabel('Weigh by').selectOption('threads');
    await eventually(fact).toBe('Threads3');
    await page.getByRole('button', { name: 'Help' }).click();
    expect(await page.getByRole('dialog', { name: 'Help' }).textContent()).toContain('latency > 5ms');
  });

  test('a category without stacks shows its records alone', async () => {
    const { page } = await open('?category=loadavg');
    await page.getByText('loadavg has no stacks').waitFor();
    expect(await page.locator('.records .grid-row').innerText()).toMatch(/elsewhere.*7$/s);
    expect(await page.locator('.top-stacks').isVisible()).toBe(false);
    expect(await page.getByLabel('Weigh by').isVisible()).toBe(false);
  });

  test('a category that is not there is said to be missing, with those that are', async () => {
    const page = await service.open('?category=runqlatency');
    const alert = page.getByRole('alert').filter({ hasText: "there is no category 'runqlatency'" });
    await alert.waitFor();
    expect(await alert.textContent()).toContain('there are: offcputime, runqlat, loadavg');
    await page.getByLabel('Category').selectOption('runqlat');
    await page.getByRole('tree').waitFor();
    expect(await alert.count()).toBe(0);
  });

  test('records are sorted by the service, by a click on a heading', async () => {
    const { page, parameters } = await open('?limit=100');
    const pids = page.locator('.records .grid-row [role=gridcell]:nth-child(4)');
    await page.locator('.records').getByRole('button', { name: 'PID' }).click();
    await eventually(() => page.locator('.records [aria-sort=descending]').textContent()).toBe('PID');
    const { offcputime: largest } = (await service.ask({
      offcputime: { elements: ['pid'], sort: ['-pid'], limit: 5 },
    })) as { offcputime: { pid: number }[] };
    await eventually(async () => (await pids.allTextContents()).slice(0, 5)).toEqual(
      largest.map(({ pid }) => String(pid)),
    );
    await page.locator('.records').getByRole('button', { name: 'PID' }).click();
    await eventually(() => page.locator('.records [aria-sort=ascending]').textContent()).toBe('PID');
    expect(parameters()).toEqual({ limit: '100', sort: 'pid' });
  });

  test('only the rows in sight are elements, and all can be reached', async () => {
    const { page, summary } = await open('?limit=100000&sort=-pid');
    expect(await summary()).toBe('all 14,899 records that match');
    const rows = page.locator('.records .grid-row');
    expect(await rows.count()).toBeLessThan(60);
    const grid = page.locator('.records .grid');
    expect(await grid.getAttribute('aria-rowcount')).toBe('14900');
    await grid.focus();
    await page.keyboard.press('End');
    await eventually(() => rows.last().getAttribute('aria-rowindex')).toBe('14900');
    await page.keyboard.press('PageUp');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await eventually(() => grid.locator('.active').getAttribute('aria-rowindex')).toBe('3');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Record' }).waitFor();
  });

  test('a record is shown whole, and conditions are made of its values', async () => {
    const { page, where } = await open();
    await page.locator('.records .grid-row').first().click();
    const dialog = page.getByRole('dialog', { name: 'Record' });
    await dialog.waitFor();
    expect(await dialog.locator('dd').first().textContent()).toContain('destiny');
    expect(await dialog.locator('dd').nth(5).textContent()).toMatch(/^170 ms \(\d{9} ns\)/);
    await dialog.locator('dd').nth(2).getByRole('button', { name: '≠' }).click();
    await eventually(() => where.inputValue()).toMatch(/^process != \S+$/);
    await page.locator('.records .grid-row').first().click();
    await dialog.locator('dd').nth(5).getByRole('button', { name: '≤' }).click();
    await eventually(() => where.inputValue()).toMatch(/^process != \S+ and elapsed <= \d{9}$/);
    await page.locator('.records .grid-row').first().click();
    await dialog.getByRole('button', { name: 'Show in graph' }).click();
    await eventually(() => page.getByRole('treeitem').getAttribute('aria-label')).toMatch(/^__schedule: /);
  });

  test('words are completed: columns, operators, values that are there', async () => {
    const { page, where, parameters } = await open('?where=process+contains+fsync');
    await page.getByText('No record of offcputime matches').waitFor();
    await page.getByRole('button', { name: 'Show all records' }).click();
    await page.getByRole('tree').waitFor();
    await where.click();
    await page.keyboard.type('pro');
    const options = page.getByRole('option', { includeHidden: false }).and(page.locator('.completions li'));
    expect(await options.allTextContents()).toEqual(['processstring']);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.type('= kc');
    await options.getByText('kcompactd0').click();
    expect(await where.inputValue()).toBe('process = kcompactd0 ');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    await eventually(parameters).toEqual({ where: 'process = kcompactd0' });
  });

  test('what was left out of the records is said, and the limit can be raised', async () => {
    const { page, summary } = await open();
    expect(await summary()).toBe(
      'the first 1,000 records by descending Elapsed, with 97.8% of Elapsed; more match',
    );
    await page.getByLabel('Records shown at most').selectOption('100000');
    await eventually(summary).toBe('all 14,899 records that match');
  });

  test('asking again finds what has been stored since', async () => {
    const { page, fact } = await open('?host=newcomer');
    await page.getByText('No record of offcputime matches').waitFor();
    const { makeDatabase } = await import('./fill-database.ts');
    await makeDatabase(service.file, [offcpuBatch([['new', 1, 'a;b', 2e9]], { hostname: 'newcomer' })]);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await eventually(fact).toBe('Total elapsed2 s');
  });
});
