import {
  appendFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type RunEvent, runBatch } from 'localize';
import { describe, expect, test } from 'vitest';
import { folderWith, localize } from './support/cli.js';

const MANIFEST = `version: 1
batch: small
emulate: true
defaults: { provider: eachlabs }
videos:
  - { from: ./clips/*.mp4, tracks: "./voices/{lang}/{name}.mp3" }
  - csv: ./rows.csv
`;
const ROW = './media/safety.mp4,again,fr,./media/audio/fr/safety.mp3\n';
/** The jobs of the manifest and of that row. */
const DONE = { 'again/fr': 'succeeded', 'safety/de': 'succeeded' };
const PAGE = 'localized/small.emulated/report/index.html';
const RUNS = 'localized/small.emulated/report/runs';
const DOCUMENT = 'localized/small.emulated/report/jobs.csv';

/** Another voice in the place of one, as long and, by its time of modification, as old. */
function replaceUnnoticed(path: string): void {
  const { atime, mtime } = statSync(path);
  const voice = readFileSync(path);
  writeFileSync(`${path}.new`, voice.fill(voice.at(-1)! ^ 1, voice.length - 1));
  utimesSync(`${path}.new`, atime, mtime);
  renameSync(`${path}.new`, path);
}

describe('a run of a batch that was run before', { timeout: 120_000 }, () => {
  test('plans nothing anew and leaves its tables alone while nothing has changed', async () => {
    const folder = folderWithBatch();
    await run(folder);
    const before = [recordOf(folder), statSync(join(folder, DOCUMENT)).mtimeMs];
    const second = await run(folder);
    expect([recordOf(folder), statSync(join(folder, DOCUMENT)).mtimeMs]).toEqual(before);
    expect(second).toEqual({ exit: 0, told: ['run:started', 'run:ended'], jobs: DONE });
    const { stdout } = await localize(folder, []);
    expect(stdout).toContain('2 succeeded');
    expect(stdout).toContain('The last run that did something (');
    expect(stdout).toContain(`Report: ${PAGE}`);
    expect(readdirSync(join(folder, RUNS))).toHaveLength(3);
  });

  test('leaves the pages of earlier runs as they were', async () => {
    const folder = folderWithBatch();
    await run(folder);
    await run(folder);
    const pages = readdirSync(join(folder, RUNS)).map((name) => join(folder, RUNS, name));
    const before = pages.map((page) => readFileSync(page, 'utf8'));
    rmSync(join(folder, 'localized/small.emulated/safety/safety.de.mp4'));
    await run(folder);
    expect(pages.map((page) => readFileSync(page, 'utf8'))).toEqual(before);
    expect(readdirSync(join(folder, RUNS))).toHaveLength(3);
  });

  test('plans anew whatever has changed of what its plan was made of', async () => {
    const folder = folderWithBatch();
    await run(folder);
    const edits: [() => void, Record<string, string>][] = [
      [() => appendFileSync(join(folder, 'manifest.yaml'), 'labels: { team: a }\n'), {}],
      [() => appendFileSync(join(folder, 'rows.csv'), ROW.replace(',fr,', ',ja,')), { 'again/ja': 'succeeded' }],
      [
        () => cpSync(join(folder, 'media/audio/fr/safety.mp3'), join(folder, 'voices/es/safety.mp3')),
        { 'safety/es': 'succeeded' },
      ],
      [() => utimesSync(join(folder, 'voices/de/safety.mp3'), 1_700_000_000, 1_700_000_000), {}],
      [() => replaceUnnoticed(join(folder, 'voices/de/safety.mp3')), {}],
      [() => writeFileSync(recordPath(folder), '{'), {}],
    ];
    const jobs: Record<string, string> = { ...DONE };
    for (const [edit, more] of edits) {
      const before = recordOf(folder);
      edit();
      Object.assign(jobs, more);
      expect((await run(folder)).jobs).toEqual(jobs);
      expect(recordOf(folder)).not.toBe(before);
    }
  });

  test('says a mistake that came into the manifest since', async () => {
    const folder = folderWithBatch();
    await run(folder);
    rmSync(join(folder, 'media/audio/fr/safety.mp3'));
    const { exit, stderr } = await localize(folder, []);
    expect(exit).toBe(2);
    expect(stderr).toContain('rows.csv:2');
  });

  test('makes its reports anew once something that they show has changed', async () => {
    const folder = folderWithBatch();
    await run(folder);
    const before = statSync(join(folder, PAGE)).mtimeMs;
    rmSync(join(folder, 'localized/small.emulated/safety/safety.de.mp4'));
    const fetched = await run(folder);
    expect(fetched.told).toContain('job:state');
    expect(statSync(join(folder, PAGE)).mtimeMs).toBeGreaterThan(before);
    rmSync(join(folder, PAGE));
    await run(folder);
    expect(readFileSync(join(folder, PAGE), 'utf8')).toContain('safety/de');
  });

  test('buys exactly what is left when the run before was stopped', async () => {
    const folder = folderWithBatch();
    const stop = new AbortController();
    await runBatch('manifest.yaml', {
      cwd: folder,
      signal: stop.signal,
      onEvent: (event) => void (event.type === 'attempt:state' && event.to === 'accepted' && stop.abort()),
    });
    const before = recordOf(folder);
    const second = await run(folder);
    expect(recordOf(folder)).toBe(before);
    expect(second.jobs).toEqual(DONE);
    const { jobs } = (await runBatch('manifest.yaml', { cwd: folder })).snapshot;
    expect(jobs.map(({ attempts }) => attempts.length)).toEqual([1, 1]);
  });
});

describe('the status of a batch that was run', { timeout: 120_000 }, () => {
  test('is the same whether its plan is known or the manifest is read anew', async () => {
    const folder = folderWithBatch();
    await run(folder);
    const asked = [['--json'], [], ['--lang', 'de', '--json']];
    const said = () => Promise.all(asked.map((options) => localize(folder, ['status', ...options])));
    const known = await said();
    rmSync(recordPath(folder));
    expect(known).toEqual(await said());
    expect(known[0]?.stdout).toContain('"succeeded": 2');
  });

  test('shows what has come into the manifest since', async () => {
    const folder = folderWithBatch();
    await run(folder);
    appendFileSync(join(folder, 'rows.csv'), ROW.replace(',fr,', ',ja,'));
    const { stdout } = await localize(folder, ['status']);
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      expect.stringMatching(/^safety\/de +succeeded /),
      expect.stringMatching(/^again\/fr +succeeded /),
      expect.stringMatching(/^again\/ja +pending /),
    ]);
  });
});

function folderWithBatch(): string {
  const folder = folderWith({ 'manifest.yaml': MANIFEST, 'rows.csv': `video,id,lang,audio\n${ROW}` }, { media: true });
  cpSync(join(folder, 'media/safety.mp4'), join(folder, 'clips/safety.mp4'));
  cpSync(join(folder, 'media/audio/de/safety.mp3'), join(folder, 'voices/de/safety.mp3'));
  return folder;
}

async function run(folder: string) {
  const told: RunEvent['type'][] = [];
  const { exit, snapshot } = await runBatch('manifest.yaml', { cwd: folder, onEvent: ({ type }) => told.push(type) });
  return { exit, told, jobs: Object.fromEntries(snapshot.jobs.map(({ key, state }) => [key, state]).sort()) };
}

function recordPath(folder: string): string {
  const plans = join(folder, '.localize/plans');
  const [only = ''] = readdirSync(plans);
  return join(plans, only);
}

function recordOf(folder: string): string {
  const path = recordPath(folder);
  return `${statSync(path).ino} ${readFileSync(path, 'utf8').length}`;
}
