import { createRequire } from 'node:module';
import type { MarkSnapshot, Snapshot } from '@localize/core';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { forReviewer } from '../src/index.js';
import { describeInBrowser, PATIENT, textOf } from './browser.js';
import { snapshot } from './fixture.js';
import { hostileSnapshot } from './hostile.js';
import { troubledSnapshot } from './troubled.js';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

describeInBrowser('the page', (browser) => {
  test('sorts by a column, the unknown last', async () => {
    const { page } = await browser.open(troubledSnapshot());
    const billed = () => page.locator('.jobs tbody .column-billed').allTextContents();
    const header = page.locator('.jobs th.column-billed');
    await header.getByRole('button').click();
    expect(await header.getAttribute('aria-sort')).toBe('ascending');
    await header.getByRole('button').click();
    expect(await header.getAttribute('aria-sort')).toBe('descending');
    expect((await billed())[0]).toBe('$0.24');
    await page.getByRole('combobox', { name: 'State' }).selectOption('Succeeded');
    expect((await billed()).at(-1)).toBe('unknown');
  });

  test('filters by words, state and route, and by a click on a state', async () => {
    const { page } = await browser.open(troubledSnapshot());
    const found = () => textOf(page, '.found');
    await page.getByLabel('Find').fill('keynote PT');
    await expect(found()).resolves.toMatch(/^1 of/);
    await expect(textOf(page, '.jobs tbody')).resolves.toContain('wavespeed/infinitetalk');
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByRole('button', { name: 'Failed 9' }).click();
    await expect(found()).resolves.toMatch(/^9 of/);
    await page.getByLabel('Find').fill('no such thing');
    await expect(textOf(page, '.empty')).resolves.toBe('No job matches.');
  });

  test('leads from what needs a person to the job in the table', async () => {
    const { page } = await browser.open(troubledSnapshot());
    await page.getByRole('button', { name: 'failures/auth: show it among the jobs' }).click();
    await expect(textOf(page, '.found')).resolves.toMatch(/^1 of/);
    await expect(textOf(page, '.jobs tbody')).resolves.toContain('the provider said auth');
  });

  test('goes to the part that its address names, once that is drawn', async () => {
    const { page: first } = await browser.open(troubledSnapshot());
    for (const part of ['videos', 'jobs']) {
      const { page } = await browser.visit(`${first.url()}#${part}`);
      // At the top, or as near to it as the end of the page lets it.
      await expect.poll(() => page.evaluate(awayFromTop, part), PATIENT).toBeLessThan(80);
    }
  });

  test('has an address for each job, which opens it for a colleague and is inert where it names none', async () => {
    const { page } = await browser.open(troubledSnapshot());
    await page.getByRole('button', { name: 'keynote in pt-BR: open' }).click();
    await expect.poll(() => page.url(), PATIENT).toMatch(/#job=keynote%2Fpt-BR$/);
    const { page: colleague } = await browser.visit(page.url());
    await expect(textOf(colleague, '#review-title')).resolves.toContain('pt-BR');
    await colleague.keyboard.press('Escape');
    // Nothing on the page has opened it: the focus goes to the videos, not to the page's beginning.
    await expect.poll(() => colleague.evaluate(() => document.activeElement?.id), PATIENT).toBe('videos');
    await expect.poll(() => colleague.url(), PATIENT).not.toContain('#');
    for (const key of ['%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E', '%E0%A4%A', '__proto__']) {
      const { page: other, problems } = await browser.visit(`${colleague.url()}#job=${key}`);
      expect(await other.locator('dialog[open], img').count()).toBe(0);
      expect(problems).toEqual([]);
    }
  });

  test('shows all of a reason that is cut, and cuts it inside of the table', async () => {
    const { page } = await browser.open(troubledSnapshot(), { viewport: { width: 1280, height: 800 } });
    const box = page.getByRole('region', { name: 'All jobs' });
    expect(await box.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBeLessThanOrEqual(1);
    const reason = page.locator('.jobs .column-reason bdi:not(:empty)').first();
    expect(await reason.getAttribute('title')).toBe(await reason.textContent());
  });

  test('explains the signs of the matrix in the order of the tiles', async () => {
    const { page } = await browser.open(troubledSnapshot());
    const keys = (await page.locator('.matrix-key').allTextContents()).map((name) => name.trim());
    const tiles = await page.locator('.tiles .tile-name').allTextContents();
    expect(keys).toEqual(tiles.map((name) => name.trim()).filter((name) => keys.includes(name)));
    expect(keys).toContain('Held');
  });

  test('can be used by keyboard alone', async () => {
    const { page } = await browser.open(troubledSnapshot());
    await page.keyboard.press('Tab');
    await expect(focused(page)).resolves.toContain('Skip to the outcome');
    await page.locator('.jobs .open-job').first().focus();
    await page.keyboard.press('Enter');
    await page.locator('dialog[open]').waitFor();
    await expect(textOf(page, '#review-title')).resolves.toContain('keynote');
    await page.getByRole('button', { name: 'Next' }).focus();
    await page.keyboard.press('Space');
    await expect(textOf(page, '#review-title')).resolves.toContain('pt-BR');
    await page.keyboard.press('Escape');
    await page.locator('dialog[open]').waitFor({ state: 'detached' });
    await expect(focused(page)).resolves.toContain('keynote');
  });

  test.each(['light', 'dark'] as const)(
    'has no serious accessibility finding in any part in %s',
    async (colorScheme) => {
      const options = {
        colorScheme,
        bypassCSP: true,
        comparedWith: snapshot(),
        runPages: { 'run-2': 'runs/run-2.html' },
      };
      const { page } = await browser.open({ ...reviewed(troubledSnapshot()), emulated: true }, options);
      await page.locator('#videos .cell-mark').nth(2).waitFor();
      await page.getByRole('link', { name: 'Timeline' }).click();
      await page.getByRole('combobox', { name: 'Run' }).selectOption('All runs');
      await page.locator('.lane').first().waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await page.getByLabel('Find').fill('no such thing');
      await page.locator('#videos .cell').first().click();
      await page.getByRole('button', { name: 'Redo', exact: true }).click();
      expect(await seriousFindings(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.locator('#videos .cell[aria-label*=", redo: to be made again"]').first().waitFor();
      expect(await seriousFindings(page)).toEqual([]);
    },
  );

  test.each(['light', 'dark'] as const)(
    'of a native speaker has no serious accessibility finding in %s, nor scrolls sideways on a phone',
    async (colorScheme) => {
      const german = troubledSnapshot().jobs.filter(({ language }) => language === 'de');
      const { page } = await browser.open(forReviewer({ ...troubledSnapshot(), jobs: german }), {
        audience: 'reviewer',
        bypassCSP: true,
        colorScheme,
        viewport: { width: 360, height: 740 },
      });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
      expect(await seriousFindings(page)).toEqual([]);
      await page.locator('.open-job').first().click();
      await page.getByRole('button', { name: 'Redo' }).click();
      expect(await seriousFindings(page)).toEqual([]);
    },
  );

  test.each([
    ['where all went wrong', troubledSnapshot()],
    ['of long names', hostileSnapshot()],
  ])('%s fits a phone without scrolling sideways', async (_, given) => {
    const { page } = await browser.open(given, { viewport: { width: 360, height: 740 } });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  });
});

/** The same with imported marks of each kind, on its first outputs and again from there. */
function reviewed(given: Snapshot): Snapshot {
  const mark = (verdict: MarkSnapshot['verdict']): MarkSnapshot => {
    return { reviewer: 'Ana', verdict, route: null, note: '', atMs: 0 };
  };
  const kinds = [[mark('approve')], [mark('redo')], [mark('approve'), mark('redo')]];
  let outputs = 0;
  const jobs = given.jobs.map((each) => (each.output === null ? each : { ...each, marks: kinds[outputs++ % 3] ?? [] }));
  return { ...given, jobs };
}

/** How far a part of the page is from where its address leads. */
function awayFromTop(id: string): number {
  const top = document.getElementById(id)?.getBoundingClientRect().top ?? Number.POSITIVE_INFINITY;
  const below = document.documentElement.scrollHeight - innerHeight - scrollY;
  return Math.min(Math.abs(top), below < 2 ? 0 : Number.POSITIVE_INFINITY);
}

function focused(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent ?? '');
}

/** Not among those that axe runs by itself; whoever speaks to a computer needs it. */
const AXE_OPTIONS = JSON.stringify({ rules: { 'label-content-name-mismatch': { enabled: true } } });

interface AxeFinding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

async function seriousFindings(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: AXE });
  const result = (await page.evaluate(`axe.run(${AXE_OPTIONS})`)) as { passes: AxeFinding[]; violations: AxeFinding[] };
  expect(result.passes.map(({ id }) => id)).toContain('color-contrast');
  return result.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
