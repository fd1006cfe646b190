import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forReviewer } from '../src/index.js';
import { mediaUrl } from '../src/view-model/media-url.js';
import { hasBrowser, PATIENT, ReportBrowser } from './browser.js';
import { attempt, job, snapshot, T0, unfinished } from './fixture.js';

const VIDEO = fileURLToPath(new URL('../../../manifests/media/welcome.mp4', import.meta.url));

describe('the address of a video', () => {
  test.each([
    ['localized/a b/ü.mp4', '../..', '../../localized/a%20b/%C3%BC.mp4'],
    ['localized/a#1?.mp4', '', './localized/a%231%3F.mp4'],
    ['/data/a.mp4', '../..', 'file:///data/a.mp4'],
    ['C:\\out\\a.mp4', '../..', 'file:///C:/out/a.mp4'],
    ['https://cdn.example/a.mp4?x=1', '../..', 'https://cdn.example/a.mp4?x=1'],
    ['javascript:alert(1)', '../..', null],
    ['data:text/html,x', '', null],
    ['//evil.example/a.mp4', '..', 'file:////evil.example/a.mp4'],
  ])('of %j after %j is %j', (path, base, url) => {
    expect(mediaUrl(path, base)).toBe(url);
  });
});

describe.skipIf(!hasBrowser())('the players', () => {
  let browser: ReportBrowser;
  const shown = job({ output: 'out/keynote 1/de#1.mp4', source: 'in/keynote.mp4' });

  beforeAll(async () => {
    browser = await ReportBrowser.launch();
    for (const path of [shown.output ?? '', shown.source]) {
      await mkdir(dirname(join(browser.folder, path)), { recursive: true });
      await cp(VIDEO, join(browser.folder, path));
    }
  });

  afterAll(() => browser?.close());

  test('say what the provider said once', async () => {
    const failure = { kind: 'provider', message: 'worker out of memory', httpStatus: 500 } as const;
    const attempts = [attempt({ state: 'failed', failure })];
    const failed = unfinished({ state: 'failed', reason: failure.message, attempts });
    const { page } = await browser.open(snapshot({ jobs: [failed] }));
    await page.locator('#videos .cell').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('It failed at the provider (HTTP 500)', { exact: true }).waitFor();
    expect(((await dialog.textContent()) ?? '').split(failure.message)).toHaveLength(2);
  });

  test('play the earlier video of a job whose redo failed or was canceled, marked as that, with its reviews', async () => {
    const earlierVideo = { output: shown.output ?? '', sha256: 'a'.repeat(64), durationMs: 30_000 };
    const over = { source: shown.source, reason: 'making it again was canceled' };
    const approved = { ...earlierVideo, review: 'approved' } as const;
    const held = { state: 'held', holdReason: 'too-short', output: 'out/fr.held.mp4' } as const;
    const asks = { reviewer: 'Ana', verdict: 'redo', route: null, note: 'lips', atMs: T0 } as const;
    const jobs = [
      unfinished({ ...over, state: 'canceled', earlierVideo: approved }),
      job({ ...over, ...held, language: 'fr', earlierVideo: approved, earlierMarks: [asks] }),
    ];
    const { page } = await browser.open(snapshot({ jobs }));
    const words = 'its earlier video, approved';
    await page.getByRole('button', { name: new RegExp(`^keynote, de: Canceled, ${words}, stays until`) }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(`Localized, de: ${words}`, { exact: true }).waitFor();
    await dialog.getByText('making it again was canceled').waitFor();
    await dialog.getByRole('button', { name: 'Play', exact: true }).click();
    await expect.poll(async () => Math.min(...(await positions(page))), PATIENT).toBeGreaterThan(0.5);
    expect(await dialog.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    // The one that is held, and that nobody is to judge, is a click away.
    await dialog.getByRole('button', { name: 'Next' }).click();
    await dialog.getByText(`Localized, fr: ${words}`, { exact: true }).waitFor();
    expect(await dialog.locator('video').first().getAttribute('src')).toContain('de%231.mp4');
    expect(await dialog.getByRole('link', { name: held.output }).getAttribute('href')).toContain('fr.held.mp4');
    await dialog.getByText('Length of the held one', { exact: true }).waitFor();
    await dialog.getByRole('heading', { name: 'What they said of an earlier video', exact: true }).waitFor();
  });

  test('tell a reviewer nothing of what was measured in a held video that did not come along', async () => {
    const earlierVideo = { output: shown.output ?? '', sha256: 'b'.repeat(64), durationMs: 30_000, review: null };
    const short = { outputDurationMs: 2900, earlierVideo, output: null, source: shown.source } as const;
    const jobs = [job({ ...short, state: 'held', holdReason: 'too-short' })];
    const { page } = await browser.open(forReviewer(snapshot({ jobs })), { audience: 'reviewer' });
    await page.locator('.open-job').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/^Localized.*: its earlier video$/).waitFor();
    expect(await dialog.getByText('Length', { exact: true }).count()).toBe(0);
    expect(await page.locator('body').textContent()).not.toContain('2.9 s');
  });

  test('load nothing before they are opened, then play both videos in step from disk', async () => {
    const { page, problems, requests } = await browser.open(snapshot({ jobs: [shown] }));
    expect(requests).toEqual([]);
    await page.locator('#videos .cell').click();
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await expect.poll(async () => Math.min(...(await positions(page))), PATIENT).toBeGreaterThan(0.5);
    await expect.poll(() => apart(page), PATIENT).toBeLessThan(0.3);
    await page.evaluate(() => {
      for (const video of document.querySelectorAll('video')) video.pause();
    });
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    await page.getByLabel('Position in both videos').fill('3');
    await expect.poll(() => positions(page), PATIENT).toEqual([3, 3]);
    expect(problems).toEqual([]);
  });

  test('say so when a file is not there', async () => {
    const { page } = await browser.open(snapshot({ jobs: [job()] }));
    await page.locator('#videos .cell').click();
    await page.getByText('This browser can’t play it from here.').first().waitFor();
    await page.locator('dialog video').first().waitFor({ state: 'hidden' });
    expect(await page.locator('dialog .path').first().textContent()).toBe('localized/spring/keynote/keynote.de.mp4');
  });

  test('say why there is no video, and ask for none', async () => {
    const reason = 'the result was paid for and is gone at the provider';
    const lost = unfinished({ state: 'held', holdReason: 'lost', reason, source: shown.source });
    const waiting = unfinished({ language: 'fr', state: 'pending', source: shown.source });
    const { page, problems, requests } = await browser.open(snapshot({ jobs: [lost, waiting] }));
    await page.locator('#videos .cell').first().click();
    await page.getByText(`No video: ${reason}.`).waitFor();
    expect(await page.locator('dialog .keys').textContent()).not.toContain('approve');
    expect(await page.locator('dialog video').count()).toBe(1);
    await page.keyboard.press('n');
    await page.getByText('There is no video yet.').waitFor();
    expect(requests.filter((address) => !address.endsWith('in/keynote.mp4'))).toEqual([]);
    expect(problems).toEqual([]);
  });

  test('start under the hand: the focus is on Play, and stays there from video to video', async () => {
    const jobs = [shown, { ...shown, key: 'keynote/fr', language: 'fr' }];
    const { page } = await browser.open(snapshot({ jobs }));
    const playHasFocus = () => page.waitForFunction(() => document.activeElement?.textContent === 'Play');
    await page.locator('#videos .cell').first().click();
    await page.locator('dialog[open]').waitFor();
    await playHasFocus();
    await page.keyboard.press('n');
    await page.locator('#review-title').getByText('French').waitFor();
    await playHasFocus();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
  });
});

async function apart(page: Page): Promise<number> {
  const [localized = 0, source = 0] = await positions(page);
  return Math.abs(localized - source);
}

function positions(page: Page): Promise<number[]> {
  return page.evaluate(() => [...document.querySelectorAll('video')].map((video) => video.currentTime));
}
