import { costTotals } from '@localize/core';
import { expect, test } from 'vitest';
import { formatMoney } from '../src/view-model/format.js';
import { describeInBrowser, textOf } from './browser.js';
import { snapshot } from './fixture.js';
import { manyJobs } from './many-jobs.js';
import { troubledSnapshot } from './troubled.js';

describeInBrowser('the page', (browser) => {
  test('shows what happened, what needs a person and what it cost, with nothing from a network', async () => {
    const { page, problems, requests } = await browser.open(troubledSnapshot());
    expect(await page.title()).toBe('spring · localize report');
    await expect(textOf(page, '.verdict')).resolves.toMatch(/^4 of \d+ videos are done/);
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
    const money = await textOf(page, '.money-tiles');
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
      expect.stringMatching(/^\d+ need a person$/),
      'at least $1.59 billed',
      'at least $1.59 billed',
    ]);
    expect(await textOf(page, '.glance')).toMatch(/estimated .* for making each video once/);
    const box = await glance.boundingBox();
    expect((box?.y ?? 800) + (box?.height ?? 0)).toBeLessThan(800);
    await glance.getByRole('link', { name: 'What, and how' }).click();
    await page.waitForFunction(() => (document.getElementById('attention')?.getBoundingClientRect().top ?? 999) < 100);
  });

  test('a run’s own page says what that run did, and leads to the latest', async () => {
    const ownRun = { id: 'run-2', latestPage: '../index.html' };
    const { page } = await browser.open(troubledSnapshot(), { ownRun, runPages: { 'run-1': 'run-1.html' } });
    await expect(textOf(page, '.last-run')).resolves.toMatch(
      /^This run, 2026-03-14 09:38 UTC\$0\.00 billed.*nothing was bought/,
    );
    await expect(textOf(page, '.page-title')).resolves.toContain('as the run of 2026-03-14 09:38 UTC left it');
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
    const budget = await textOf(page, '.budget');
    for (const words of ['budget.max_usd', '$2.39 of $2.50', '$0.11 left', '1 job waits for it: $0.09 short']) {
      expect(budget).toContain(words);
    }
    const attention = await textOf(page, '.attention');
    expect(attention).toMatch(/The budget leaves no room for it: budget\.max_usd.*tour\/ja needs \$0\.20/);
    expect(attention).toContain('Raise budget.max_usd by $0.09, then:localize manifest.yaml');
  });

  test('says what the last run did, one click from its own page', async () => {
    const { page } = await browser.open(troubledSnapshot(), { runPages: { 'run-1': 'runs/run-1.html' } });
    await expect(textOf(page, '.last-run')).resolves.toMatch(
      /^Last run that did something, 2026-03-14 09:26 UTCat least \$1\.59 billed.*24 attempts made, 10 videos fetched/,
    );
    expect(await page.locator('.last-run a').getAttribute('href')).toBe('runs/run-1.html');
  });

  test('shows what was measured in an output, in the matrix and beside its video', async () => {
    const { page } = await browser.open(troubledSnapshot());
    await page.getByText('something is off with 2 outputs').waitFor();
    const cell = page.getByRole('button', { name: /^old, fr: .*no sound, another picture shape than its source/ });
    await cell.click();
    const facts = await textOf(page, 'dialog .facts');
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
    await expect(textOf(page, '.hovered')).resolves.toMatch(/^course-\d+\/\S+: .+ at the provider$/);
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
    await expect(textOf(page, '#cost tbody')).resolves.toMatch(/2026-03-14.*2026-03-13/s);
  });

  test('carries a banner when prices are simulated, and only then', async () => {
    const emulated = await browser.open(snapshot({ emulated: true }));
    await expect(textOf(emulated.page, '.banner')).resolves.toContain('Simulated prices');
    const real = await browser.open(snapshot());
    expect(await real.page.locator('.banner').count()).toBe(0);
  });

  test('shows an empty batch', async () => {
    const { page, problems } = await browser.open(snapshot({ jobs: [], lanes: [], runs: [] }));
    await expect(textOf(page, '.verdict')).resolves.toBe('This batch has no jobs to do.');
    expect(problems).toEqual([]);
  });

  test('sets two batches side by side', async () => {
    const { page, problems } = await browser.open(troubledSnapshot(), { comparedWith: snapshot() });
    const changes = await textOf(page, '#comparison');
    expect(await textOf(page, 'header')).toMatch(/A comparison\. Before: spring, 2026-03-14 09:36:\d\d UTC/);
    // What it is for comes first.
    expect(await page.locator('main > section').first().getAttribute('id')).toBe('comparison');
    expect(changes).toMatch(/Failed09\+9/);
    expect(changes).toContain('failures/authnot thereFailed');
    expect(problems).toEqual([]);
  });
});
