import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AttemptSnapshot, JobSnapshot, Snapshot } from '@localize/core';
import { readPageSnapshot, renderHtml } from '@localize/report';
import { type Browser, chromium, type Page } from 'playwright-core';
import { measureNode } from '../measure/run-process.js';
import { medianOf } from '../measure/statistics.js';
import { LOCALIZE } from '../paths.js';
import { fixed, type Section, table } from '../results/section.js';
import { EmulatorProcess } from '../scenery/emulator-process.js';
import { csvRows, manifestHead } from '../scenery/manifest-text.js';
import { Workspace } from '../scenery/workspace.js';
import type { Family } from './family.js';

/** So many jobs are really run; larger batches are copies of them. */
const RUN_JOBS = 1_000;
const QUICK_RUN_JOBS = 100;
const SIZES = [1_000, 10_000, 100_000];
const QUICK_SIZES = [100, 1_000];
const SPEED = 3_000;
const VARIABLES = { EACHLABS_API_KEY: 'benchmark-key' };
const FRAMES = 120;
const FRAME_PIXELS = 400;

interface Figures {
  readonly megabytes: number;
  readonly renderMs: number;
  readonly openMs: number;
  readonly frameMs: number;
  readonly slowFrameMs: number;
}

/** How long the report of a large batch takes to be made, to open from disk in a browser, and to draw while it scrolls. */
export const reportPage: Family = {
  name: 'report',
  async measure({ rounds, quick, say }) {
    const workspace = new Workspace();
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--headless', '--disable-gpu'],
    });
    try {
      const folder = workspace.newFolder();
      say(`report: a run of ${quick ? QUICK_RUN_JOBS : RUN_JOBS} jobs`);
      const snapshot = await runBatch(folder, quick ? QUICK_RUN_JOBS : RUN_JOBS);
      const rows: string[][] = [];
      for (const jobs of quick ? QUICK_SIZES : SIZES) {
        say(`report: ${jobs} jobs`);
        const turns: Figures[] = [];
        for (let turn = 0; turn < rounds; turn += 1) {
          turns.push(await measurePage(enlarged(snapshot, jobs), join(folder, 'report.html'), browser));
        }
        rows.push([jobs.toLocaleString('en'), ...cells(turns)]);
      }
      return section(rows);
    } finally {
      await browser.close();
      workspace.remove();
    }
  },
};

async function runBatch(folder: string, jobs: number): Promise<Snapshot> {
  const emulator = await EmulatorProcess.startUnlimited(folder, SPEED);
  try {
    const head = manifestHead('report', {
      eachlabs: {
        hosts: { base_url: emulator.endpoints.eachlabs?.baseUrl ?? '' },
        limits: { creates: 1_000_000, per: '1s', concurrent: 100 },
        poll: { first: '140ms', every: '40ms' },
      },
    });
    writeFileSync(join(folder, 'rows.csv'), csvRows(jobs));
    writeFileSync(join(folder, 'manifest.yaml'), `${head}  - csv: ./rows.csv\n`);
    await measureNode([LOCALIZE, 'run', '--yes', '--quiet'], { cwd: folder, variables: VARIABLES });
    const page = join(folder, 'page.html');
    await measureNode([LOCALIZE, 'report', '--format', 'html', '--output', page], {
      cwd: folder,
      variables: VARIABLES,
    });
    const snapshot = readPageSnapshot(readFileSync(page, 'utf8'));
    if (snapshot === null) throw new Error('the report carries no snapshot');
    return snapshot;
  } finally {
    await emulator.stop();
  }
}

/** The same batch with its jobs repeated under other names, one turn after the other: no lane has more open than it may. */
function enlarged(snapshot: Snapshot, jobs: number): Snapshot {
  const { runs, takenAtMs } = snapshot;
  const turnMs = takenAtMs - Math.min(...runs.map(({ startedAtMs }) => startedAtMs));
  const copy = (job: JobSnapshot, turn: number): JobSnapshot => ({
    ...job,
    key: `${turn}-${job.key}`,
    videoId: `${turn}-${job.videoId}`,
    attempts: job.attempts.map((attempt) => ({ ...later(attempt, turn * turnMs), id: `${turn}-${attempt.id}` })),
  });
  const turns = Math.ceil(jobs / snapshot.jobs.length);
  const all = Array.from({ length: turns }, (_, turn) => snapshot.jobs.map((job) => copy(job, turn))).flat();
  const endedAtMs = takenAtMs + (turns - 1) * turnMs;
  return {
    ...snapshot,
    takenAtMs: endedAtMs,
    runs: runs.map((run) => ({ ...run, endedAtMs })),
    jobs: all.slice(0, jobs),
  };
}

/** The same at a later time. */
function later(attempt: AttemptSnapshot, byMs: number): AttemptSnapshot {
  const moved = <T extends object>(times: T): T =>
    Object.fromEntries(
      Object.entries(times).map(([name, value]) => [
        name,
        name.endsWith('AtMs') && typeof value === 'number' ? value + byMs : value,
      ]),
    ) as T;
  return { ...moved(attempt), ...(attempt.phases && { phases: moved(attempt.phases) }) };
}

async function measurePage(snapshot: Snapshot, path: string, browser: Browser): Promise<Figures> {
  const renderedAt = performance.now();
  writeFileSync(path, renderHtml(snapshot));
  const renderMs = performance.now() - renderedAt;
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  try {
    await page.goto(pathToFileURL(path).href);
    await page.locator('main').waitFor();
    const openMs = (await page.evaluate(FIRST_FRAME)) as number;
    await page.locator('.not-yet').first().waitFor({ state: 'detached', timeout: 120_000 });
    const frames = await scrollFrames(page);
    const at = (share: number) => frames[Math.min(frames.length - 1, Math.floor(frames.length * share))] ?? 0;
    const megabytes = statSync(path).size / 1_000_000;
    return { megabytes, renderMs, openMs, frameMs: at(0.5), slowFrameMs: at(0.95) };
  } finally {
    await page.close();
  }
}

/** Milliseconds from the start of the navigation to the first frame with something in it. */
const FIRST_FRAME = `new Promise((done) => {
  new PerformanceObserver((list) => {
    for (const { name, startTime } of list.getEntries()) if (name === 'first-contentful-paint') done(startTime);
  }).observe({ type: 'paint', buffered: true });
})`;

/** Milliseconds between frames while the table of jobs scrolls, the shortest first. */
function scrollFrames(page: Page): Promise<number[]> {
  return page.evaluate(`(async () => {
    const box = document.querySelector('section[aria-label="All jobs"]');
    box.scrollIntoView();
    const times = [];
    let last = performance.now();
    for (let frame = 0; frame < ${FRAMES}; frame += 1) {
      box.scrollTop += ${FRAME_PIXELS};
      await new Promise(requestAnimationFrame);
      times.push(performance.now() - last);
      last = performance.now();
    }
    return times.sort((a, b) => a - b);
  })()`) as Promise<number[]>;
}

function cells(turns: readonly Figures[]): string[] {
  const of = (read: (figures: Figures) => number, digits: number) => fixed(medianOf(turns, read), digits);
  return [
    of(({ megabytes }) => megabytes, 1),
    of(({ renderMs }) => renderMs / 1000, 2),
    of(({ openMs }) => openMs / 1000, 2),
    of(({ frameMs }) => frameMs, 0),
    of(({ slowFrameMs }) => slowFrameMs, 0),
  ];
}

function section(rows: readonly (readonly string[])[]): Section {
  return {
    title: 'Report',
    lines: [
      `The page opened from disk in Chromium, without a graphics card, until its first frame. The jobs are copies of ${RUN_JOBS.toLocaleString('en')}`,
      `that were run. Scrolling: ${FRAME_PIXELS} pixels of the table of jobs a frame.`,
      '',
      ...table(['jobs', 'MB', 'made, s', 'opened, s', 'frame, ms (half)', 'frame, ms (95 %)'], rows),
    ],
  };
}
