import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildPage, closeBrowser, eventually, ServiceInBrowser, whyNoBrowser } from './browse-service.ts';
import { offcpuBatch, type RecordedRow } from './fill-database.ts';
import { listUnreadable } from './list-unreadable.ts';

const few: readonly RecordedRow[] = [
  ['dd', 1, 'read_[k];wait_[w];inner_[i];compiled_[j];--;[unknown]', 3e9],
  ['sh', 2, 'write;wait', 1e9],
];

beforeAll(buildPage);
afterAll(closeBrowser);

describe.skipIf(whyNoBrowser !== undefined)(`unhappy services ${whyNoBrowser ?? ''}`, () => {
  const services: ServiceInBrowser[] = [];

  async function start(content: Parameters<typeof ServiceInBrowser.start>[0]): Promise<ServiceInBrowser> {
    const service = await ServiceInBrowser.start(content);
    services.push(service);
    return service;
  }

  afterEach(async () => {
    for (const service of services.splice(0)) {
      expect(await service.closeAll()).toEqual([]);
      await service.stop();
    }
  });

  test('an empty database says that it is empty and how records come into it', async () => {
    const service = await start({});
    const page = await service.open();
    const text = page.locator('.empty');
    await text.waitFor();
    expect(await text.textContent()).toContain('There are no records of offcputime yet');
    expect(await text.textContent()).toContain('kernelscope serve logger');
    expect(await page.getByRole('tree').count()).toBe(0);
  });

  test('lost events are said, with what that means', async () => {
    const service = await start({ batches: [offcpuBatch(few, { lost: 1234 })] });
    const page = await service.open();
    const notice = page.locator('.notice.warning');
    await notice.waitFor();
    expect(await notice.textContent()).toBe(
      '1,234 events were lostThe tracers of these hosts and times could not record them: true values are higher.',
    );
    // Where nothing was lost, nothing is said.
    await page.goto(`${service.url}/?host=elsewhere`);
    await page.locator('.empty').waitFor();
    expect(await notice.count()).toBe(0);
  });

  test('a service that goes away is said to be away; what it answered stays, and is asked for again', async () => {
    const service = await start({ batches: [offcpuBatch(few)] });
    const page = await service.open();
    await page.getByRole('tree').waitFor();
    await service.stopService();
    await page.getByRole('button', { name: 'Refresh' }).click();
    const alert = page.getByRole('alert').filter({ hasText: 'The service does not answer' });
    await alert.waitFor();
    expect(await alert.textContent()).toContain('It is asked again in 2 seconds.');
    expect(await page.locator('.strip .fact').first().textContent()).toBe('Total elapsed4 s');
    // What is there can still be looked at.
    await page.getByRole('tree').focus();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await eventually(() => page.getByRole('treeitem').getAttribute('aria-label')).toMatch(/^read_\[k\]/);
    expect(await alert.isVisible()).toBe(true);
    await service.restartService();
    await page.getByRole('button', { name: 'Try now' }).click();
    await alert.waitFor({ state: 'detached' });
    expect(await page.locator('.results').getAttribute('class')).toBe('results');
    expect(service.problems.splice(0).join()).toMatch(/ERR_CONNECTION_REFUSED/);
  });

  test('a service that comes back is found without a click', async () => {
    const service = await start({ batches: [offcpuBatch(few)] });
    const page = await service.open();
    await page.getByRole('tree').waitFor();
    await service.stopService();
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText('The service does not answer').waitFor();
    await service.restartService();
    await page.getByText('The service does not answer').waitFor({ state: 'detached' });
    expect(service.problems.splice(0).length).toBeGreaterThan(0);
  });

  test('a service with a token asks for it, and keeps it until the tab is closed', async () => {
    const service = await start({ batches: [offcpuBatch(few)], token: 'sesame' });
    const page = await service.open();
    await page.getByText('This service asks for a token').waitFor();
    await page.getByLabel('Token').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('the token is not the one that this service wants').waitFor();
    await page.getByLabel('Token').fill('sesame');
    await page.keyboard.press('Enter');
    await page.getByRole('tree').waitFor();
    await page.reload();
    await page.getByRole('tree').waitFor();
    expect(page.url()).not.toContain('sesame');
    const statuses = service.problems.splice(0).map((problem) => /status of (\d+)/.exec(problem)?.[1]);
    expect(statuses).toEqual(['401', '403']);
  });

  test('names from hosts are text, whatever they say', async () => {
    const markup = '<img src=x onerror="alert(1)">';
    const control = 'a\u001b[31m\u0000\n\u202eb';
    const service = await start({
      batches: [
        offcpuBatch(
          [
            [markup, 1, `<script>alert(2)</script>;${control};javascript:alert(3)`, 3e9],
            [control, 2, `${markup};${'x'.repeat(5000)}`, 1e9],
          ],
          { hostname: '<b>host</b>', labels: { '<i>': '"&' } },
        ),
      ],
    });
    const page = await service.open();
    await page.getByRole('tree').waitFor();
    const shown = 'a\\x1b[31m\\x00\\x0a\\u{202e}b';
    expect(await page.locator('.records').innerText()).toContain(markup.slice(0, 8));
    expect(await page.locator('.records').innerText()).toContain(shown);
    expect(await page.locator('.records .grid-row').first().innerText()).toContain('<b>host</b>');
    for (const [index, name] of [
      [1, '<script>alert(2)</script>'],
      [2, shown],
    ] as const) {
      await page.getByRole('tree').focus();
      await page.keyboard.press('ArrowUp');
      await eventually(() => page.getByRole('treeitem').getAttribute('aria-level')).toBe(String(index + 1));
      expect(await page.getByRole('treeitem').getAttribute('aria-label')).toContain(`${name}: `);
      expect(await page.locator('.details strong').textContent()).toBe(name);
    }
    await page.keyboard.press('Enter');
    await page.keyboard.press('f');
    await eventually(() => page.locator('.strip .fact').first().textContent()).toBe('Total elapsed3 s');
    await page.getByLabel('Where', { exact: true }).click();
    await page.locator('.records .grid-row').first().click();
    await page.getByRole('dialog').waitFor();
    expect(await page.getByRole('dialog').innerText()).toContain(markup);
    await page.keyboard.press('Escape');
    // All that there is of these elements is what the page itself has.
    expect(await page.locator('script').count()).toBe(1);
    expect(await page.locator('img').count()).toBe(1);
    expect(await page.locator('main :is(b:not(.tooltip b), i), [onerror]').count()).toBe(0);
  });

  test.each(['light', 'dark'] as const)('all text can be read in the %s scheme', async (colorScheme) => {
    const service = await start({ batches: [offcpuBatch(few, { lost: 3 })] });
    const page = await service.open(`?search=wait&zoom=nowhere&where=elapsd`, { colorScheme });
    await page.locator('.where-box pre').waitFor();
    expect(await page.locator('body').evaluate(listUnreadable)).toEqual([]);
    await page.goto(`${service.url}/?search=wait&zoom=nowhere`);
    await page.getByRole('tree').waitFor();
    await page.getByText('The zoomed frame is not among these stacks').waitFor();
    expect(await page.locator('body').evaluate(listUnreadable)).toEqual([]);
    await page.locator('.records .grid-row').first().click();
    expect(await page.locator('body').evaluate(listUnreadable)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Help' }).waitFor();
    expect(await page.locator('body').evaluate(listUnreadable)).toEqual([]);
  });

  test('everything that can be worked has a name', async () => {
    const service = await start({ batches: [offcpuBatch(few)] });
    const page = await service.open();
    await page.getByRole('tree').waitFor();
    for (const role of ['button', 'textbox', 'combobox', 'searchbox', 'tree', 'grid', 'dialog'] as const) {
      const all = page.getByRole(role, { includeHidden: false });
      expect(await all.count()).toBe(await page.getByRole(role, { name: /\S/ }).count());
    }
  });
});
