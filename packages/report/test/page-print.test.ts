import { expect, test } from 'vitest';
import { describeInBrowser, PATIENT, textOf } from './browser.js';
import { attempt, job, snapshot, T0 } from './fixture.js';
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
    for (const ending of [
      '--prediction <its id at the provider>',
      '--not-bought',
      '--charged <what it cost in USD>',
      '--abandon',
    ]) {
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

  test('prints the money split every way, whatever was chosen, and not without end', async () => {
    const many = Array.from({ length: 25 }, (_, index) =>
      job({ videoId: `film-${index}`, labels: { course: 'safety', team: index === 0 ? 'sales' : 'support' } }),
    );
    const { page } = await browser.open(snapshot({ jobs: many }));
    await page.locator('.segments').getByText('Language').click();
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    const printed = page.locator('.printed-cost');
    expect(await printed.locator('h3').allTextContents()).toEqual([
      ...['By route', 'By provider', 'By language', 'By video', 'By label course', 'By label team', 'By day (UTC)'],
    ]);
    expect(await printed.locator('tbody tr').count()).toBe(1 + 1 + 1 + 20 + 1 + 2 + 1);
    expect(await textOf(page, '.printed-cost')).toContain('and 5 more lines');
    expect(await page.locator('.segments').isVisible()).toBe(false);
    expect(await page.locator('#cost tbody tr:visible').count()).toBe(27);
    // Back on the screen all is as it was.
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    await printed.waitFor({ state: 'detached' });
    expect(await page.locator('.segments [aria-pressed=true]').textContent()).toBe('Language');
  });

  test('prints the latest days where there are many, and the first labels', async () => {
    const dayMs = 86_400_000;
    const attempts = Array.from({ length: 30 }, (_, day) => attempt({ createdAtMs: T0 + day * dayMs }));
    const labels = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`key-${index + 10}`, 'x']));
    const { page } = await browser.open(snapshot({ jobs: [job({ labels, attempts })] }));
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    const text = await textOf(page, '.printed-cost');
    expect(text).toContain('2026-04-12');
    expect(text).not.toContain('2026-03-14');
    expect(text).toContain('By label key-20');
    expect(text).toContain('and by 29 more labels');
  });

  test('prints every job', async () => {
    const { page } = await browser.open(manyJobs(200));
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await page.locator('.jobs .open-job').count()).toBe(200);
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    await expect.poll(() => page.locator('.jobs tbody tr').count(), PATIENT).toBeLessThan(100);
  });
});
