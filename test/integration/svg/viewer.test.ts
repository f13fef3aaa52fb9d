import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { renderDiffSvg } from '../../../src/core/render/diff/diff-svg.ts';
import { renderSvg } from '../../../src/core/render/svg.ts';
import { recordedTree, textOf } from '../../unit/render/recording.ts';
import { compareTrees, treeOf } from '../../unit/stack/stacks.ts';
import { Browsing, eventually, whyNoBrowser } from './browse.ts';

const tree = treeOf({
  'dd;entry;read;schedule': 400_000,
  'dd;entry;write;write;write;schedule': 300_000,
  'dd;entry;write;other': 100_000,
  'sh;entry;wait;schedule': 150_000,
  'sh;tiny': 50_000,
  'zz;<b onclick="alert(1)">&amp]]>': 1,
});
const svgType = 'image/svg+xml';

describe.skipIf(whyNoBrowser !== undefined)(`a picture in Chromium ${whyNoBrowser ?? ''}`, () => {
  let browsing: Browsing;

  beforeAll(async () => {
    browsing = await Browsing.start();
    const svg = textOf(renderSvg(tree, { unit: 'ns', title: 'Off-CPU time' }));
    const before = treeOf({ 'a;grows': 20, 'a;gone': 40, 'a;same': 40 });
    const after = treeOf({ 'a;grows': 60, 'a;same': 40, 'a;new': 20 });
    const deep = Array.from({ length: 10_000 }, (_, index) => `f${index}`).join(';');
    browsing.documents.set('/small.svg', { body: svg, type: svgType });
    browsing.documents.set('/real.svg', {
      body: textOf(renderSvg(recordedTree(), { unit: 'ns', title: 'Off-CPU time', lost: 3 })),
      type: svgType,
      // Scripts and styles that are in the file, and nothing else.
      policy: "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'",
    });
    browsing.documents.set('/diff.svg', {
      body: textOf(renderDiffSvg(compareTrees(before, after), { unit: 'count' })),
      type: svgType,
    });
    browsing.documents.set('/deep.svg', {
      body: textOf(renderSvg(treeOf({ [deep]: 1 }), { unit: 'count' })),
      type: svgType,
    });
    browsing.documents.set('/image.html', {
      body: '<!doctype html><title>t</title><img src="/strict.svg" alt="">',
      type: 'text/html',
      policy: "default-src 'none'; img-src 'self'",
    });
    browsing.documents.set('/strict.svg', {
      body: svg,
      type: svgType,
      policy: "default-src 'none'; style-src 'unsafe-inline'",
    });
    const inline = svg.replace(/^<\?xml.*\n/, '');
    browsing.documents.set('/two.html', {
      body: `<!doctype html><meta charset="utf-8"><title>t</title><style>text { letter-spacing: 0 } .bar { color: rgb(1, 2, 3) }</style>
        <p class="bar">mine</p><div style="width: 500px" id="one">${inline}</div><div id="two">${inline}</div>`,
      type: 'text/html; charset=utf-8',
    });
  });
  afterEach(() => {
    expect(browsing.problems.splice(0)).toEqual([]);
  });
  afterAll(() => browsing.stop());

  test('a click zooms, the address says where, and going back zooms out', async () => {
    const page = await browsing.open('/small.svg');
    expect(await labelsOf(page)).toContain('schedule');
    await clickFrame(page, 'write');
    expect(await fragment(page)).toBe('#zoom=dd;entry;write');
    expect(await widthOf(page, 'write')).toBe(await widthOf(page, 'root'));
    expect(await labelsOf(page)).not.toContain('sh');
    await page.goBack();
    expect(await labelsOf(page)).toContain('sh');
    await clickFrame(page, 'sh');
    await clickFrame(page, 'root');
    expect(await fragment(page)).toBe('');
  });

  test('search marks what matches and counts each stack once', async () => {
    const page = await browsing.open('/small.svg');
    await page.keyboard.press('/');
    await page.keyboard.type('^WRITE|schedule');
    // write, write, write and schedule nest: 400 + 400 + 150 of 1,000 thousand.
    expect(await textAt(page, '.found[role=status]')).toBe('6 found · 950 us (95%)');
    expect(await page.locator('text.found').allTextContents()).toEqual(
      expect.arrayContaining(['schedule', 'write']),
    );
    await page.getByRole('button', { name: 'Aa' }).click();
    expect(await textAt(page, '.found[role=status]')).toBe('3 found · 850 us (85%)');
    expect(await fragment(page)).toBe('#search=%5EWRITE%7Cschedule&case');
    await page.getByRole('searchbox').fill('(unclosed');
    expect(await textAt(page, '.found[role=status]')).toBe('0 found · 0 ns (0%)');
  });

  test('matches are gone through by weight, round at the end', async () => {
    const page = await browsing.open('/small.svg');
    await page.getByRole('searchbox').fill('schedule');
    await page.keyboard.press('Enter');
    expect(await activeLabel(page)).toMatch(/^schedule: 400 us/);
    await page.keyboard.press('n');
    expect(await activeLabel(page)).toMatch(/^schedule: 300 us/);
    await page.keyboard.press('N');
    await page.keyboard.press('N');
    expect(await activeLabel(page)).toMatch(/^schedule: 150 us/);
    await page.keyboard.press('Escape');
    expect(await page.locator('text.found').count()).toBe(0);
  });

  test('a match too narrow to see is zoomed to', async () => {
    const page = await browsing.open('/small.svg');
    await page.getByRole('searchbox').fill('onclick');
    await page.keyboard.press('Enter');
    expect(await labelsOf(page)).toContain('<b onclick="alert(1)">&amp]]>');
    expect(await page.locator('b[onclick]').count()).toBe(0);
  });

  test('the keyboard reaches everything', async () => {
    const page = await browsing.open('/small.svg');
    expect(await page.getByRole('tree').count()).toBe(1);
    await page.getByRole('treeitem').focus();
    expect(await activeLabel(page)).toBe('root: 1 ms · 100% of total');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await activeLabel(page)).toBe('entry: 800 us · 80% of total · 100% of caller');
    // What is read out is also to be seen.
    expect(await textAt(page, '.details[aria-live=polite]')).toBe(
      'entry · 800 us · 80% of total · 100% of caller',
    );
    // Tab comes to the frames once, however many there are.
    expect(await page.locator('.plot [tabindex="0"], [role=treeitem][tabindex="0"]').count()).toBe(1);
    await page.keyboard.press('ArrowRight');
    expect(await activeLabel(page)).toBe('entry: 150 us · 15% of total · 75% of caller');
    await page.keyboard.press('Enter');
    expect(await fragment(page)).toBe('#zoom=sh;entry');
    await page.keyboard.press('ArrowDown');
    expect(await activeLabel(page)).toContain('100% of zoom');
    expect(await page.getByRole('treeitem').getAttribute('aria-level')).toBe('4');
    await page.keyboard.press('Escape');
    expect(await fragment(page)).toBe('#zoom=sh');
    await page.keyboard.press('0');
    expect(await fragment(page)).toBe('');
    await page.keyboard.press('?');
    expect(await page.getByRole('dialog').textContent()).toMatch(/^↑To the caller.*NPrevious match.*0Reset/);
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await page.evaluate("document.activeElement.getAttribute('role')")).toBe('treeitem');
  });

  test('the menu hides, keeps and leaves out frames, and filters can be taken away', async () => {
    const page = await browsing.open('/small.svg');
    await menuOf(page, 'read', 'Without its stacks');
    expect(await labelsOf(page)).not.toContain('read');
    expect(await labelsOf(page)).toContain('root: 600 us');
    await menuOf(page, 'sh', 'Hide the frame');
    await menuOf(page, 'dd', 'Only stacks with it');
    expect(await labelsOf(page)).toContain('root: 400 us');
    expect(await fragment(page)).toBe('#exclude=read&hide=sh&focus=dd');
    await page.reload();
    expect(await labelsOf(page)).toContain('root: 400 us');
    await page.getByRole('button', { name: 'only: dd' }).click();
    await page.getByRole('button', { name: 'without: read' }).click();
    expect(await labelsOf(page)).toContain('root: 1 ms');
    await page.getByRole('button', { name: 'Reset' }).click();
    expect(await labelsOf(page)).toContain('sh');
  });

  test('inverts, and merges recursion', async () => {
    const page = await browsing.open('/small.svg');
    await page.getByRole('button', { name: 'Merge recursion' }).click();
    expect((await labelsOf(page)).filter((label) => label === 'write')).toHaveLength(1);
    await page.getByRole('button', { name: 'Invert' }).click();
    expect((await labelsOf(page)).filter((label) => label === 'schedule')).toHaveLength(1);
    expect(await fragment(page)).toBe('#invert&merge');
    expect(await page.getByRole('button', { name: 'Invert' }).getAttribute('aria-pressed')).toBe('true');
  });

  test('copies names, stacks and folded subtrees', async () => {
    const page = await browsing.open('/small.svg', { permissions: ['clipboard-read', 'clipboard-write'] });
    const clipboard = () => page.evaluate<string>('navigator.clipboard.readText()');
    await menuOf(page, 'read', 'Copy stack');
    await page.getByText('Copied the stack.').waitFor();
    expect(await clipboard()).toBe('dd;entry;read');
    await menuOf(page, 'entry', 'Copy all below, folded');
    await page.getByText('Copied the folded stacks.').waitFor();
    expect(await clipboard()).toBe(
      'dd;entry;read;schedule 400000\ndd;entry;write;other 100000\ndd;entry;write;write;write;schedule 300000\n',
    );
  });

  test('a link opens what it was copied from', async () => {
    const page = await browsing.open('/small.svg#zoom=sh;entry&search=wait');
    expect(await widthOf(page, 'entry')).toBe(await widthOf(page, 'root'));
    expect(await page.locator('text.found').allTextContents()).toEqual(['wait']);
    const beyond = await browsing.open('/small.svg#zoom=sh;nowhere&focus=%zz');
    expect(await labelsOf(beyond)).toEqual(['root: 0 ns']);
  });

  test('dark mode, paper and forced colours change the colours', async () => {
    const page = await browsing.open('/small.svg', { colorScheme: 'dark' });
    const background = () => page.evaluate("getComputedStyle(document.querySelector('.page')).fill");
    expect(await background()).toBe('rgb(15, 23, 34)');
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await background()).toBe('rgb(255, 255, 255)');
    await page.emulateMedia({ colorScheme: 'dark', media: 'print' });
    expect(await background()).toBe('rgb(255, 255, 255)');
    expect(await page.locator('.bar').isVisible()).toBe(false);
    await page.emulateMedia({ media: 'screen', forcedColors: 'active' });
    const stroke = () => page.evaluate("getComputedStyle(document.querySelector('.plot path')).stroke");
    expect(await stroke()).not.toBe('none');
    await page.emulateMedia({ forcedColors: 'none', contrast: 'more' });
    expect(await stroke()).not.toBe('none');
  });

  test('follows the width of the window', async () => {
    const page = await browsing.open('/real.svg');
    const wide = await labelsOf(page);
    await page.setViewportSize({ width: 500, height: 600 });
    await eventually(async () => (await labelsOf(page)).length).toBeLessThan(wide.length);
    expect(await widthOf(page, 'root')).toBe(490);
  });

  test('the tools stay in sight when the frames scroll', async () => {
    const page = await browsing.open('/deep.svg');
    await page.evaluate('scrollTo(0, 50000)');
    await eventually(() =>
      page.locator('.bar').evaluate((bar) => Math.round(bar.getBoundingClientRect().top)),
    ).toBe(0);
    await page.getByRole('searchbox').fill('^f9999$');
    await page.keyboard.press('Enter');
    expect(await activeLabel(page)).toBe('f9999: 1 · 100% of total · 100% of caller');
  });

  test('shows without scripts', async () => {
    const page = await browsing.open('/real.svg', { javaScriptEnabled: false });
    expect(await page.locator('.bar').count()).toBe(0);
    expect(await page.locator('.labels text').allTextContents()).toContain('mariadbd');
  });

  test('shows as an image under a policy that forbids everything but images', async () => {
    const page = await browsing.open('/image.html');
    const image = page.locator('img');
    const [width, height] = await page.evaluate<[number, number]>(
      '[document.images[0].naturalWidth, document.images[0].naturalHeight]',
    );
    expect(width).toBe(1200);
    expect(height).toBeGreaterThan(100);
    const blank = await browsing.open('/image.html');
    await blank.evaluate("document.images[0].style.setProperty('opacity', '0')");
    expect((await image.screenshot()).equals(await blank.locator('img').screenshot())).toBe(false);
  });

  test('two of them live on one page, each for itself, and leave the page alone', async () => {
    const page = await browsing.open('/two.html');
    const [one, two] = [page.locator('#one'), page.locator('#two')];
    await one.getByRole('searchbox').fill('read');
    expect(await one.locator('text.found').count()).toBe(1);
    expect(await two.locator('text.found').count()).toBe(0);
    await clickFrame(page, 'sh', '#two ');
    expect(await two.locator('.labels text').allTextContents()).not.toContain('dd');
    expect(await one.locator('.labels text').allTextContents()).toContain('dd');
    expect(await fragment(page)).toBe('');
    expect(
      await page.evaluate(
        '(({ color, padding }) => [color, padding])(getComputedStyle(document.querySelector("p.bar")))',
      ),
    ).toEqual(['rgb(1, 2, 3)', '0px']);
  });

  test('a difference tells both sides, and gives the widths of either', async () => {
    const page = await browsing.open('/diff.svg');
    expect(await labelsOf(page)).toEqual(expect.arrayContaining(['gone -33.3% gone', 'new +16.7% new']));
    await page.getByRole('treeitem').focus();
    await page.keyboard.press('ArrowDown');
    expect(await activeLabel(page)).toBe('a: 100 → 120 · +20 · +20% of before · 100% → 100% of total');
    await page.keyboard.press('ArrowDown');
    expect(await activeLabel(page)).toBe('grows: 20 → 60 · +40 · +200% of before · 20% → 50% of total');
    await page.getByRole('button', { name: 'Widths: both' }).click();
    expect(await labelsOf(page)).not.toContain('new +16.7% new');
    await page.getByRole('button', { name: 'Widths: before' }).click();
    expect(await labelsOf(page)).not.toContain('gone -33.3% gone');
    expect(await fragment(page)).toBe('#widths=after');
    await page.getByRole('button', { name: 'Invert' }).click();
    expect(await labelsOf(page)).toContain('+33.3% grows');
  });
});

async function labelsOf(page: Page): Promise<string[]> {
  return page.locator('.labels text').allTextContents();
}

async function textAt(page: Page, selector: string): Promise<string | null> {
  return page.locator(selector).textContent();
}

async function activeLabel(page: Page): Promise<string | null> {
  return page.getByRole('treeitem').getAttribute('aria-label');
}

async function fragment(page: Page): Promise<string> {
  return page.evaluate<string>('location.hash');
}

/** The first label that starts with a text: labels are cut. */
function labelLike(page: Page, text: string, within = '') {
  return page.locator(`${within}.labels text`, { hasText: new RegExp(`^${text}(:|$)`) }).first();
}

async function clickFrame(page: Page, text: string, within = ''): Promise<void> {
  // Labels take no clicks themselves; the frame below does.
  const box = (await labelLike(page, text, within).boundingBox())!;
  await page.mouse.click(box.x + 3, box.y + box.height / 2);
}

async function menuOf(page: Page, text: string, item: string): Promise<void> {
  const box = (await labelLike(page, text).boundingBox())!;
  await page.mouse.click(box.x + 3, box.y + box.height / 2, { button: 'right' });
  await page.getByRole('menuitem', { name: item }).click();
}

/** How wide the frame under a label is, by the outline that hovering draws. */
async function widthOf(page: Page, text: string): Promise<number> {
  const box = (await labelLike(page, text).boundingBox())!;
  await page.mouse.move(box.x + 3, box.y + box.height / 2);
  return page.locator('.hover').evaluate((rect) => Math.round(rect.getBoundingClientRect().width));
}
