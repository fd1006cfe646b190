import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Snapshot } from '@localize/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hasBrowser, PATIENT, ReportBrowser } from '../../report/test/browser.js';
import { job, snapshot, unfinished } from '../../report/test/fixture.js';
import { type LiveReport, serveLiveReport } from '../src/live/live-report.js';
import { REPOSITORY } from './support/cli.js';

const MEDIA = join(REPOSITORY, 'manifests/media');
const output = 'localized/spring/100% key note/keynote.de.mp4';
const done = job({ output, source: '../media/welcome.mp4' });

let folder: string;
let now: Snapshot;
let live: LiveReport;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'localize-live-'));
  const cwd = join(folder, 'work');
  mkdirSync(join(cwd, 'localized/spring/100% key note'), { recursive: true });
  mkdirSync(join(folder, 'media'));
  copyFileSync(join(MEDIA, 'welcome.mp4'), join(cwd, output));
  copyFileSync(join(MEDIA, 'welcome.mp4'), join(folder, 'media/welcome.mp4'));
  writeFileSync(join(cwd, '.env'), 'EACHLABS_API_KEY=secret');
  now = snapshot({ jobs: [done, unfinished({ language: 'fr', state: 'processing' })] });
  live = await serveLiveReport(() => now, { cwd, reportPath: 'localized/spring/report/index.html', coveredJobs: 1 });
});

afterEach(async () => {
  await live.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** A request whose path goes out as it is written: `fetch` would tidy it up. */
function ask(path: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
  const { hostname, port } = new URL(live.url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, agent: false, ...options }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    sent.on('error', reject).end();
  });
}

const base = () => new URL(live.url).pathname;
const video = () => `${base()}files/${output.split('/').map(encodeURIComponent).join('/')}`;

describe('the live report’s server', () => {
  test('shows nothing to who does not know the token, or comes by another name', async () => {
    expect((await ask(base())).status).toBe(200);
    const bare = await ask(base().slice(0, -1));
    expect([bare.status, bare.headers.location]).toEqual([302, base()]);
    const wrong = `/${'A'.repeat(base().length - 2)}/`;
    for (const path of ['/', '/files/', wrong, wrong.slice(0, -1), `${wrong}events`, video().replace(base(), wrong)]) {
      expect([path, (await ask(path)).status]).toEqual([path, 404]);
    }
    expect((await ask(base(), { headers: { host: 'evil.example' } })).status).toBe(403);
  });

  test('takes no request that could change anything', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      expect((await ask(base(), { method })).status).toBe(404);
      expect((await ask(video(), { method })).status).toBe(404);
    }
  });

  test('gives the videos that the report names, whole or by range', async () => {
    const bytes = readFileSync(join(folder, 'work', output));
    const whole = await ask(video());
    expect(whole).toMatchObject({ status: 200, headers: { 'content-type': 'video/mp4', 'accept-ranges': 'bytes' } });
    expect(whole.body.equals(bytes)).toBe(true);
    const part = await ask(video(), { headers: { range: 'bytes=10-19' } });
    expect([part.status, part.headers['content-range']]).toEqual([206, `bytes 10-19/${bytes.length}`]);
    expect(part.body.equals(bytes.subarray(10, 20))).toBe(true);
    const tail = await ask(video(), { headers: { range: 'bytes=-5' } });
    expect(tail.body.equals(bytes.subarray(-5))).toBe(true);
    const beyond = await ask(video(), { headers: { range: `bytes=${bytes.length}-` } });
    expect([beyond.status, beyond.body.length]).toEqual([416, 0]);
    const head = await ask(video(), { method: 'HEAD' });
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, String(bytes.length), 0]);
    const source = await ask(`${base()}files/elsewhere/0/welcome.mp4`);
    expect(source.body.equals(bytes)).toBe(true);
  });

  test('gives the earlier video of a job whose redo is under way', async () => {
    const earlierVideo = { output, sha256: 'a'.repeat(64), durationMs: 30_000, review: null };
    now = snapshot({ jobs: [unfinished({ state: 'processing', earlierVideo })] });
    live.changed();
    await expect.poll(async () => (await ask(base())).body.includes(earlierVideo.sha256), PATIENT).toBe(true);
    expect((await ask(video())).status).toBe(200);
  });

  test('gives no other file', async () => {
    const paths = [
      '.env',
      '../work/.env',
      '%2e%2e/work/.env',
      '..%2fwork%2f.env',
      'localized/../.env',
      'localized/spring/../../.env',
      'localized%2f..%2f.env',
      'localized/..%5c..%5c.env',
      '/etc/passwd',
      '%2fetc%2fpasswd',
      'elsewhere/1/welcome.mp4',
      'elsewhere/0/..%2f..%2fwork%2f.env',
      'localized/spring',
      '',
    ];
    for (const path of paths) {
      const { status, body } = await ask(`${base()}files/${path}`);
      expect([path, status, body.includes('secret')]).toEqual([path, 404, false]);
    }
  });
});

describe.skipIf(!hasBrowser())('the live page', () => {
  let browser: ReportBrowser;
  beforeAll(async () => {
    browser = await ReportBrowser.launch();
  });
  afterAll(() => browser?.close());

  test('plays videos, follows the run and stands still at its end', async () => {
    const { page, problems } = await browser.visit(live.url);
    await page.getByText('this page follows the run').waitFor();
    await page.getByRole('button', { name: 'keynote, de: Succeeded' }).click();
    await page.waitForFunction(
      () =>
        document.querySelectorAll('video').length === 2 &&
        [...document.querySelectorAll('video')].every((each) => each.readyState >= 2),
    );
    await page.keyboard.press('Escape');
    now = snapshot({ jobs: [done, job({ language: 'fr', output: null, state: 'failed', reason: '<b>no</b> face' })] });
    live.changed();
    await page.getByText('<b>no</b> face').first().waitFor(PATIENT);
    now = snapshot({ jobs: [done] });
    live.end();
    await page.getByText('this page follows the run').waitFor({ state: 'detached', ...PATIENT });
    await page.getByText('The report that stays is localized/spring/report/index.html').waitFor();
    expect(await page.locator('.verdict').textContent()).toBe('The video is done.');
    expect(problems).toEqual([]);
  });
});
