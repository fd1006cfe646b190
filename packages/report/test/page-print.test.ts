import { expect, test } from 'vitest';
import { describeInBrowser, PATIENT, textOf } from './browser.js';
import { job } from './fixture.js';
import { manyJobs } from './many-jobs.js';
import { troubledSnapshot } from './troubled.js';

/** Between its margins, in pixels. */
const A4_WIDTH = 703;

describeInBrowser('the page', (browser) => {
  test('prints what is folded on a screen, and no heading without what it heads', async () => {
    const { jobs, ...rest } = troubledSnapshot();
    const failed = jobs.filter(({ state }) => state === 'failed').slice(0, 1);
    const many = Array.from({ length: 9 }, (_, index) => {
      const key = `many/${index}`;
      return failed.map((each) => ({ ...each, key, mend: `localize retry manifest.yaml --only ${key}` }));
    });
    const { page } = await browser.open({ ...rest, jobs: many.flat() });
    expect(await page.locator('.attention .job-key').count()).toBe(3);
    expect(await textOf(page, '.attention')).toMatch(/All 9 at once:localize retry \S+ --only many\/0,many\/1,/);
    expect(await page.locator('.folded li').first().isVisible()).toBe(false);
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await page.locator('.attention .job-key').count()).toBe(9);
    expect(await page.locator('.folded li').first().isVisible()).toBe(true);
    await page.emulateMedia({ media: 'print' });
    const breaks = await page
      .locator('.section-head')
      .evaluateAll((heads) => heads.map((head) => getComputedStyle(head).breakAfter));
    expect(new Set(breaks)).toEqual(new Set(['avoid']));
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    await page.locator('.folded li').first().waitFor({ state: 'hidden' });
  });

  test('prints every way to end a command, and no route cut in two', async () => {
    const troubled = troubledSnapshot();
    const route = 'wavespeed/infinitetalk-fast-multi';
    const { page } = await browser.open({ ...troubled, jobs: troubled.jobs.map((each) => ({ ...each, route })) });
    await page.setViewportSize({ width: 720, height: 1000 });
    await page.emulateMedia({ media: 'print' });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    const commands = await page.locator('.attention .command').allInnerTexts();
    const settle = 'localize settle manifest.yaml holds/uncertain';
    for (const ending of ['--prediction <its id at the provider>', '--not-bought', '--abandon']) {
      expect(commands).toContain(`${settle} ${ending}`);
    }
    const heights = await page.locator('.jobs td.column-route').evaluateAll((cells) =>
      cells.map((cell) => {
        const range = document.createRange();
        range.selectNodeContents(cell);
        return range.getClientRects().length;
      }),
    );
    expect(Math.max(...heights)).toBeLessThanOrEqual(2);
  });

  test('fits the paper in light colours, with the languages below each other and each reason whole', async () => {
    const languages = Array.from({ length: 30 }, (_, index) => `x-lang${index}`);
    const { jobs, ...rest } = troubledSnapshot();
    const many = languages.map((language) => job({ language, videoId: 'wide' }));
    const options = { colorScheme: 'dark', viewport: { width: A4_WIDTH, height: 1000 } } as const;
    const { page } = await browser.open({ ...rest, jobs: [...jobs, ...many] }, options);
    await page.locator('.lane').first().waitFor();
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    const shown = await page.locator('.matrix .matrix-language').allTextContents();
    expect(shown).toEqual(expect.arrayContaining(languages));
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(A4_WIDTH);
    const right = (boxes: Element[]) => Math.max(...boxes.map((box) => box.getBoundingClientRect().right));
    expect(await page.locator('table, .command, .tile').evaluateAll(right)).toBeLessThanOrEqual(A4_WIDTH);
    expect(await page.locator('h1').evaluate((head) => getComputedStyle(head).color)).toBe('rgb(29, 31, 35)');
    // Chromium repeats no head on each page that has a button in it.
    expect(await page.locator('thead button').count()).toBe(0);
    expect(await page.locator('.printed-reason').allTextContents()).toContain('the provider said invalid-input');
  });

  test('prints every job', async () => {
    const { page } = await browser.open(manyJobs(200));
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await page.locator('.jobs .open-job').count()).toBe(200);
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    await expect.poll(() => page.locator('.jobs tbody tr').count(), PATIENT).toBeLessThan(100);
  });
});
