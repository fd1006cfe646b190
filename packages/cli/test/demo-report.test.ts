import { execFile } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, type OpenedPage, ReportBrowser } from '../../report/test/browser.js';
import { folderWith, localize, REPOSITORY, startLocalize, waitFor } from './support/cli.js';

describe.skipIf(!hasBrowser())('the demo, in a real browser', { timeout: 240_000 }, () => {
  let browser: ReportBrowser;
  beforeAll(async () => {
    browser = await ReportBrowser.launch();
  });
  afterAll(() => browser?.close());

  test('can be watched while it runs, and its report opens from disk with the figures of the status', async () => {
    const folder = folderWith({}, { media: true });
    cpSync(join(REPOSITORY, 'manifests/demo.yaml'), join(folder, 'demo.yaml'));
    const running = startLocalize(folder, ['demo.yaml', '--ui']);
    await waitFor(running.stderr, 'Live report: ');
    const address = /Live report: (\S+)/.exec(running.stderr())?.[1] ?? '';
    const live = await browser.visit(address);
    await live.page.getByText('this page follows the run').waitFor();
    expect((await running.finished).exit).toBe(0);
    await live.page.getByText('this page follows the run').waitFor({ state: 'detached' });
    const verdict = await live.page.locator('.verdict').textContent();
    expect(live.problems).toEqual([]);

    const { totals, cost } = JSON.parse((await localize(folder, ['status', 'demo.yaml', '--json'])).stdout);
    const index = pathToFileURL(join(folder, 'localized/demo.emulated/report/index.html')).href;
    const { page, problems, requests } = await browser.visit(index);
    expect(await page.locator('.verdict').textContent()).toBe(verdict);
    expect([verdict, totals.succeeded]).toEqual(['All 14 videos are done.', 14]);
    const text = await page.locator('main').textContent();
    expect(text).toContain(`$${cost.billed_usd}`);
    expect(text).toContain(`$${cost.estimated_usd}`);
    await playsBoth(page);
    expect(problems).toEqual([]);
    expect(requests.filter((request) => !request.startsWith('file:'))).toEqual([]);
    const kept = await page.locator('.last-run a').getAttribute('href');
    const run = await browser.visit(new URL(`${kept}`, index).href);
    expect(await run.page.locator('.verdict').textContent()).toBe(verdict);
    await playsBoth(run.page);
    expect(run.problems).toEqual([]);

    expect(await pictures(fileURLToPath(index), join(folder, 'images'))).toEqual([
      { name: 'report-dark.png', size: [1280, 1000] },
      { name: 'report-light.png', size: [1280, 1000] },
    ]);

    // What a native speaker gets works where nothing else of the batch is.
    await localize(folder, ['report', 'demo.yaml', '--lang', 'de', '--output', 'for-jana']);
    const elsewhere = join(folderWith(), 'mail');
    renameSync(join(folder, 'for-jana'), elsewhere);
    rmSync(join(folder, 'localized'), { recursive: true });
    rmSync(join(folder, 'media'), { recursive: true });
    const german = await browser.visit(pathToFileURL(join(elsewhere, 'index.html')).href);
    await playsBoth(german.page);
    expect(german.problems).toEqual([]);
    const html = readFileSync(join(elsewhere, 'index.html'), 'utf8');
    const data = /id="report-data">(.*?)<\/script>/s.exec(html)?.[1];
    for (const inside of ['_API_KEY', 'FAL_KEY', 'infinitalk', 'attempt-', cost.billed_usd]) {
      expect(data).not.toContain(inside);
    }
  });
});

/** Opens the first video of a page and waits until it and its source can play. */
async function playsBoth(page: OpenedPage['page']): Promise<void> {
  await page.locator('.cell, .open-job').first().click();
  await page.waitForFunction(() => {
    const videos = [...document.querySelectorAll('video')];
    return videos.length === 2 && videos.every((video) => video.readyState >= 2);
  });
}

/** As the README's are taken. */
async function pictures(report: string, folder: string) {
  const script = join(REPOSITORY, 'packages/report/scripts/take-screenshots.mjs');
  await promisify(execFile)(process.execPath, [script, report, folder]);
  return readdirSync(folder).map((name) => {
    // The header of a PNG begins with its size.
    const png = readFileSync(join(folder, name));
    return { name, size: [png.readUInt32BE(16), png.readUInt32BE(20)] };
  });
}
