import { createRequire } from 'node:module';
import { costTotals, type MarkSnapshot, type Snapshot } from '@localize/core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forReviewer } from '../src/index.js';
import { formatMoney } from '../src/view-model/format.js';
import { hasBrowser, PATIENT, ReportBrowser } from './browser.js';
import { snapshot } from './fixture.js';
import { HOSTILE, hostileSnapshot } from './hostile.js';
import { manyJobs } from './many-jobs.js';
import { troubledSnapshot } from './troubled.js';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

describe.skipIf(!hasBrowser())('the page', () => {
  let browser: ReportBrowser;

  beforeAll(async () => {
    browser = await ReportBrowser.launch();
  });

  afterAll(() => browser?.close());

  test('shows what happened, what needs a person and what it cost, with nothing from a network', async () => {
    const { page, problems, requests } = await browser.open(troubledSnapshot());
    expect(await page.title()).toBe('spring · localize report');
    await expect(text(page, '.verdict')).resolves.toMatch(/^4 of \d+ videos are done/);
    const attention = (await page.locator('.attention').allTextContents()).join();
    for (const words of [
      'The provider refused the key',
      'the route’s timeout',
      '$0.20 at risk',
      'fal takes no new work',
    ]) {
      expect(attention).toContain(words);
    }
    expect(attention).toContain('localize retry manifest.yaml --only failures/auth');
    const money = await text(page, '.money-tiles');
    for (const words of [
      `at least ${formatMoney(costTotals(troubledSnapshot().jobs).billedMicros)}`,
      'At risk',
      'Charged and lost',
      'Charged but failed',
      'Not charged',
      'unknown',
    ]) {
      expect(money).toContain(words);
    }
    expect(problems).toEqual([]);
    expect(requests).toEqual([]);
  });

  test('answers in the order in which people ask, and the first questions before a person scrolls', async () => {
    const { page } = await browser.open(troubledSnapshot(), { viewport: { width: 1280, height: 800 } });
    await page.locator('.lane').first().waitFor();
    expect(await page.locator('main h2').allTextContents()).toEqual([
      'Did it work?',
      'What did it cost?',
      'How did it go?',
      'Is it good?',
      'Jobs',
    ]);
    const glance = page.locator('.glance');
    const figures = await glance.locator('.tile-figure').allTextContents();
    expect(figures).toEqual([
      'at least $1.59 billed',
      'at least $1.59 billed',
      expect.stringMatching(/^\d+ need a person$/),
    ]);
    const box = await glance.boundingBox();
    expect((box?.y ?? 800) + (box?.height ?? 0)).toBeLessThan(800);
    await glance.getByRole('link', { name: 'What, and how' }).click();
    await page.waitForFunction(() => (document.getElementById('attention')?.getBoundingClientRect().top ?? 999) < 100);
  });

  test('a run’s own page says what that run did, and leads to the latest', async () => {
    const ownRun = { id: 'run-2', latestPage: '../index.html' };
    const { page } = await browser.open(troubledSnapshot(), { ownRun, runPages: { 'run-1': 'run-1.html' } });
    await expect(text(page, '.last-run')).resolves.toMatch(
      /^This run, 2026-03-14 09:38 UTC\$0\.00 billed.*nothing was bought/,
    );
    await expect(text(page, '.page-title')).resolves.toContain('as the run of 2026-03-14 09:38 UTC left it');
    expect(await page.getByRole('link', { name: 'The latest report' }).getAttribute('href')).toBe('../index.html');
    await page.getByRole('row', { name: /\(this page\)/ }).waitFor();
  });

  test('a run’s own page takes no marks, since what plays may be newer, and leads to where they are made', async () => {
    const { page } = await browser.open(snapshot(), { ownRun: { id: 'run-1', latestPage: '../index.html' } });
    const leads = page.getByRole('link', { name: 'the batch’s latest page' });
    expect(await leads.getAttribute('href')).toBe('../index.html');
    await page.locator('#videos .cell-succeeded').first().click();
    await page.locator('dialog .of-that-run').waitFor();
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    expect(await page.locator('dialog .keys').textContent()).not.toContain('approve');
    expect(await page.getByText('Your marks:').count()).toBe(0);
  });

  test('shows each cap of the budget, and what waits for it', async () => {
    const { page } = await browser.open(troubledSnapshot());
    const budget = await text(page, '.budget');
    for (const words of ['budget.max_usd', '$2.39 of $2.50', '$0.11 left', '1 job waits for it: $0.09 short']) {
      expect(budget).toContain(words);
    }
    const attention = await text(page, '.attention');
    expect(attention).toMatch(/The budget leaves no room for it.*tour\/ja budget\.max_usd, of which it needs \$0\.20/);
    expect(attention).toContain('Raise budget.max_usd by $0.09, then:localize manifest.yaml');
  });

  test('says what the last run did, one click from its own page', async () => {
    const { page } = await browser.open(troubledSnapshot(), { runPages: { 'run-1': 'runs/run-1.html' } });
    await expect(text(page, '.last-run')).resolves.toMatch(
      /^Last run that did something, 2026-03-14 09:26 UTCat least \$1\.59 billed.*24 attempts made, 10 came through/,
    );
    expect(await page.locator('.last-run a').getAttribute('href')).toBe('runs/run-1.html');
  });

  test('shows what was measured in an output, in the matrix and beside its video', async () => {
    const { page } = await browser.open(troubledSnapshot());
    await page.getByText('something is off with 2 outputs').waitFor();
    const cell = page.getByRole('button', { name: /^old, fr: .*no sound, another picture shape than its source/ });
    await cell.click();
    const facts = await text(page, 'dialog .facts');
    expect(facts).toContain('Soundthere is none');
    expect(facts).toContain('720 × 720, 25 frames a second; its source is 1280 × 720: another shape');
  });

  test('draws the lanes of a run with a time axis, and where time went', async () => {
    const { page, problems } = await browser.open(manyJobs(300));
    await page.getByRole('link', { name: 'Timeline' }).click();
    const lane = page.locator('.lane').first();
    await lane.waitFor();
    expect(await lane.locator('.time-grid li').count()).toBeGreaterThan(2);
    expect(await lane.locator('.lane-time-legend li').allTextContents()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^\d+% (all slots taken|nothing left to send)/)]),
    );
    await lane.locator('.lane-chart').hover({ position: { x: 40, y: 3 } });
    await expect(text(page, '.hovered')).resolves.toMatch(/^course-\d+\/\S+: .+ at the provider$/);
    expect(problems).toEqual([]);
  });

  test('splits the cost by route, provider, language, video, label and day', async () => {
    const { page } = await browser.open({ ...troubledSnapshot(), timeZone: 'America/Havana' });
    const split = page.getByRole('group', { name: 'Split by' }).getByRole('button');
    expect(await split.allTextContents()).toEqual([
      'Route',
      'Provider',
      'Language',
      'Video',
      'Label course',
      'Day (America/Havana)',
    ]);
    await split.getByText('Day (America/Havana)').click();
    await expect(text(page, '#cost tbody')).resolves.toMatch(/2026-03-13.*2026-03-14/s);
  });

  test('carries a banner when prices are simulated, and only then', async () => {
    const emulated = await browser.open(snapshot({ emulated: true }));
    await expect(text(emulated.page, '.banner')).resolves.toContain('Simulated prices');
    const real = await browser.open(snapshot());
    expect(await real.page.locator('.banner').count()).toBe(0);
  });

  test('shows an empty batch', async () => {
    const { page, problems } = await browser.open(snapshot({ jobs: [], lanes: [], runs: [] }));
    await expect(text(page, '.verdict')).resolves.toBe('This batch has no jobs to do.');
    expect(problems).toEqual([]);
  });

  test('keeps hostile text as text', async () => {
    const { page, problems, requests } = await browser.open(hostileSnapshot());
    expect(await page.title()).toBe(`${HOSTILE.script} · localize report`);
    await expect(text(page, 'h1')).resolves.toBe(HOSTILE.script);
    const body = await text(page, 'main');
    expect(body).toContain(HOSTILE.script);
    expect(body).toContain(HOSTILE.closing);
    expect(await page.locator('img, iframe, main script').count()).toBe(0);
    expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
    // Each cell of the matrix opens a job whose every text is hostile.
    for (const cell of await page.locator('#videos .cell').all()) {
      await cell.click();
      await page.locator('dialog .facts').waitFor();
      expect(await page.locator('dialog a[href^="javascript"], dialog img').count()).toBe(0);
      await page.keyboard.press('Escape');
    }
    expect(await page.title()).toBe(`${HOSTILE.script} · localize report`);
    expect(problems.filter((problem) => !problem.includes('ERR_FILE_NOT_FOUND'))).toEqual([]);
    expect(requests.filter((address) => !address.startsWith('file:'))).toEqual([]);
  });

  test('forbids what it does not need', async () => {
    const { page, problems } = await browser.open(snapshot());
    await page.evaluate(() => {
      const script = document.createElement('img');
      script.src = 'https://evil.example/x.png';
      document.body.append(script);
    });
    await expect.poll(() => problems.join(), PATIENT).toContain('Content Security Policy');
    expect(await page.evaluate(() => fetch('https://evil.example').catch(() => 'refused'))).toBe('refused');
  });

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
    const found = () => text(page, '.found');
    await page.getByLabel('Find').fill('keynote PT');
    await expect(found()).resolves.toMatch(/^1 of/);
    await expect(text(page, '.jobs tbody')).resolves.toContain('wavespeed/infinitetalk');
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByRole('button', { name: 'Failed 9' }).click();
    await expect(found()).resolves.toMatch(/^9 of/);
    await page.getByLabel('Find').fill('no such thing');
    await expect(text(page, '.empty')).resolves.toBe('No job matches.');
  });

  test('can be used by keyboard alone', async () => {
    const { page } = await browser.open(troubledSnapshot());
    await page.keyboard.press('Tab');
    await expect(focused(page)).resolves.toContain('Skip to the outcome');
    await page.locator('.jobs .open-job').first().focus();
    await page.keyboard.press('Enter');
    await page.locator('dialog[open]').waitFor();
    await expect(text(page, '#review-title')).resolves.toContain('keynote');
    await page.getByRole('button', { name: 'Next' }).focus();
    await page.keyboard.press('Space');
    await expect(text(page, '#review-title')).resolves.toContain('pt-BR');
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

  test('fits a phone without scrolling sideways', async () => {
    const { page } = await browser.open(troubledSnapshot(), { viewport: { width: 360, height: 740 } });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  });

  test('draws no more of 10,000 jobs than can be seen, and finds and reaches each', { timeout: 120_000 }, async () => {
    const { page, problems } = await browser.open(manyJobs(10_000));
    await expect(text(page, '.found')).resolves.toBe('10,000 jobs');
    expect(await page.locator('.jobs tbody tr').count()).toBeLessThan(100);
    expect(await page.locator('.matrix tbody tr').count()).toBeLessThan(100);
    await page.locator('section[aria-label="All jobs"]').evaluate((box) => box.scrollTo(0, box.scrollHeight));
    await page.locator('.jobs tr[aria-rowindex="10001"]').waitFor();
    expect(await page.locator('.jobs tbody tr').count()).toBeLessThan(100);
    await page.getByLabel('Find').fill('course-499 hu');
    await expect(text(page, '.found')).resolves.toMatch(/^1 of 10,000 jobs/);
    await page.getByRole('link', { name: 'Timeline' }).click();
    await page.locator('.lane').first().waitFor();
    expect(await page.locator('#timeline path').count()).toBeLessThan(30);
    expect(problems).toEqual([]);
  });

  test('still opens 100,000 jobs', { timeout: 120_000 }, async () => {
    const { page, problems } = await browser.open(manyJobs(100_000));
    expect(await page.locator('.verdict').textContent()).toContain('100,000 videos');
    await page.getByRole('searchbox').fill('no such job');
    await page.getByText('0 of 100,000').first().waitFor({ timeout: 60_000 });
    expect(problems).toEqual([]);
  });

  test('sets two batches side by side', async () => {
    const { page, problems } = await browser.open(troubledSnapshot(), { comparedWith: snapshot() });
    const changes = await text(page, '#comparison');
    expect(await text(page, 'header')).toContain('A comparison. Before: spring, 2026-03-14 09:36 UTC');
    // What it is for comes first.
    expect(await page.locator('main > section').first().getAttribute('id')).toBe('comparison');
    expect(changes).toMatch(/Failed09\+9/);
    expect(changes).toContain('failures/authnot thereFailed');
    expect(problems).toEqual([]);
  });

  test('prints what is folded on a screen, and no heading without what it heads', async () => {
    const { jobs, ...rest } = troubledSnapshot();
    const failed = jobs.filter(({ state }) => state === 'failed').slice(0, 1);
    const many = Array.from({ length: 9 }, (_, index) => {
      const key = `many/${index}`;
      return failed.map((each) => ({ ...each, key, mend: `localize retry manifest.yaml --only ${key}` }));
    });
    const { page } = await browser.open({ ...rest, jobs: many.flat() });
    expect(await page.locator('.attention .job-key').count()).toBe(3);
    expect(await text(page, '.attention')).toMatch(/All 9 at once:localize retry \S+ --only many\/0,many\/1,/);
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

  test('prints every job', async () => {
    const { page } = await browser.open(manyJobs(200));
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await page.locator('.jobs tbody tr').count()).toBe(200);
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    await expect.poll(() => page.locator('.jobs tbody tr').count(), PATIENT).toBeLessThan(100);
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

async function text(page: Page, selector: string): Promise<string> {
  return ((await page.locator(selector).first().textContent()) ?? '').trim();
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
