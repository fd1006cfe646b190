import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Snapshot } from '@localize/core';
import { buildReportView } from '@localize/report';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { folderWith, localize, localizeApart, waitUntil } from './support/cli.js';
import { SMALL } from './support/manifests.js';

const REPORT = 'localized/small.emulated/report';

/** What a page carries. */
function pageData(path: string) {
  const text = /<script type="application\/json" id="report-data">(.*?)<\/script>/s.exec(
    readFileSync(path, 'utf8'),
  )?.[1];
  return JSON.parse(text ?? 'null') as {
    mediaBase: string;
    runPages: Record<string, string>;
    ownRun: { id: string; latestPage: string } | null;
    comparison: unknown;
    snapshot: Snapshot;
  };
}

describe('localize report', { timeout: 120_000 }, () => {
  test('keeps a page of every run, and links them from the latest', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    await localize(folder, ['--only', '*/de']);
    const runs = join(folder, REPORT, 'runs');
    const [first] = readdirSync(runs);
    const before = readFileSync(join(runs, `${first}`), 'utf8');
    await localize(folder, []);
    expect(readdirSync(runs)).toHaveLength(2);
    expect(readFileSync(join(runs, `${first}`), 'utf8')).toBe(before);
    const index = pageData(join(folder, REPORT, 'index.html'));
    for (const [page, href] of Object.entries(index.runPages)) expect(href).toBe(`runs/${page}.html`);
    expect(Object.keys(index.runPages)).toHaveLength(2);
    expect(index.snapshot.jobs.map((job) => job.state)).toEqual(['succeeded', 'succeeded']);
    const kept = pageData(join(runs, `${first}`));
    expect(kept.snapshot.jobs.map((job) => job.state)).toEqual(['succeeded', 'pending']);
    for (const [where, { mediaBase, snapshot }] of [
      [join(folder, REPORT), index],
      [runs, kept],
    ] as const) {
      expect(existsSync(join(where, mediaBase, snapshot.jobs[0]?.output ?? ''))).toBe(true);
      expect(existsSync(join(where, mediaBase, snapshot.jobs[0]?.source ?? ''))).toBe(true);
    }

    const runId = `${first}`.replace('.html', '');
    const compared = await localize(folder, ['report', '--compare', runId.slice(0, 8), '--format', 'markdown']);
    expect(compared.stdout).toMatch(/\| `safety\/fr` +\|/);
    const page = await localize(folder, ['report', '--compare', runId]);
    expect(page.stdout).toBe(`${REPORT}/comparison.html\n`);
    expect(pageData(join(folder, REPORT, 'comparison.html')).comparison).not.toBeNull();
    const runIds = readdirSync(runs).map((name) => name.replace('.html', ''));
    const second = runIds.find((id) => id !== runId) ?? '';
    const both = await localize(folder, ['report', '--compare', runId, second, '--format', 'markdown']);
    expect(both.stdout).toMatch(/\| Succeeded \| 1 \| 2 \| \+1 \|/);
    const back = await localize(folder, ['report', '--compare', second, runId, '--format', 'markdown']);
    expect(back.stdout).toMatch(/\| Succeeded \| 2 \| 1 \| -1 \|/);
    // How a run left it is not how it stands, so that no marks are made there.
    expect(pageData(join(folder, REPORT, 'comparison.html')).ownRun).toBeNull();
    await localize(folder, ['report', '--compare', second, runId]);
    expect(pageData(join(folder, REPORT, 'comparison.html')).ownRun).toEqual({ id: runId, latestPage: 'index.html' });
    expect((await localize(folder, ['report', '--compare', runId, second, runId])).exit).toBe(2);
    const unknown = await localize(folder, ['report', '--compare', 'autumn']);
    expect([unknown.exit, unknown.stderr]).toEqual([2, expect.stringContaining(runId.slice(0, 8))]);
  });

  test('a run that finds nothing to do has a page of its own, and the latest knows of it', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    await localize(folder, []);
    const runs = join(folder, REPORT, 'runs');
    const [first] = readdirSync(runs);
    const before = readFileSync(join(runs, `${first}`), 'utf8');
    const read = (name: string) => readFileSync(join(folder, REPORT, name), 'utf8');
    const former = JSON.parse(read('report.json'));
    await localize(folder, []);
    const idle = readdirSync(runs).find((name) => name !== first) ?? '';
    const own = pageData(join(runs, idle));
    const id = idle.replace('.html', '');
    expect(own.ownRun).toEqual({ id, latestPage: '../index.html' });
    expect(own.snapshot.runs.map((run) => run.id)).toEqual([`${first}`.replace('.html', ''), id]);
    expect(own.snapshot.jobs).toEqual(pageData(join(runs, `${first}`)).snapshot.jobs);
    const view = buildReportView(own.snapshot, id);
    expect(view.lastRun).toMatchObject({ name: 'This run', billed: '$0.00 billed', left: 'nothing left to do' });
    expect(Object.keys(pageData(join(folder, REPORT, 'index.html')).runPages)).toContain(id);
    expect(readFileSync(join(runs, `${first}`), 'utf8')).toBe(before);
    // The documents are as if they were made anew.
    const later = Object.fromEntries(
      ['jobs.csv', 'attempts.csv', 'report.json', 'summary.md'].map((name) => [name, read(name)]),
    );
    expect(JSON.parse(read('report.json')).runs.map((run: { id: string }) => run.id)).toEqual([former.runs[0].id, id]);
    await localize(folder, ['report']);
    const timeless = (text = '') => text.replace(/("taken_at": "|as of )[^"<]*/, '$1');
    for (const [name, text] of Object.entries(later)) expect(timeless(text)).toBe(timeless(read(name)));

    // A report looks at an edit that is then put back: a run that finds nothing to do lets nothing of it stand.
    const edited = SMALL.replace('emulate: true', 'emulate: true\ndefaults: { seed: 7 }');
    writeFileSync(join(folder, 'manifest.yaml'), edited);
    await localize(folder, ['report']);
    expect(read('summary.md')).toContain('differ from the manifest');
    writeFileSync(join(folder, 'manifest.yaml'), SMALL);
    await localize(folder, []);
    for (const [name, text] of Object.entries(later).filter(([name]) => name.endsWith('.csv'))) {
      expect(read(name)).toBe(text);
    }
    expect(read('summary.md')).not.toContain('differ');
    expect(JSON.parse(read('report.json')).differs_from_manifest).toBeNull();
    expect(pageData(join(folder, REPORT, 'index.html')).snapshot.jobs.filter((job) => job.changed)).toEqual([]);

    // The manifest is edited: a report says so before a run has looked, and a run that leaves the videos says the same.
    writeFileSync(join(folder, 'manifest.yaml'), edited);
    await localize(folder, ['report']);
    const differs = JSON.parse(read('report.json')).differs_from_manifest;
    expect(differs).toMatchObject({ jobs: 2, approved: 0, remakes: 2, command: 'localize manifest.yaml --remake' });
    // Figures of a part stand beside the command for that part.
    const part = ['--only', 'safety/d?', '--lang', 'de'];
    const ofPart = JSON.parse((await localize(folder, ['report', '--format', 'json', ...part])).stdout);
    const command = "localize manifest.yaml --only 'safety/d?' --lang de --remake";
    expect(ofPart.differs_from_manifest).toMatchObject({ jobs: 1, remakes: 1, command });
    const told = /2 finished videos differ from the manifest \(seed\)/;
    expect(read('summary.md')).toMatch(told);
    expect(read('summary.md')).toContain(`about $${Number(differs.estimated_usd).toFixed(2)}`);
    const run = await localize(folder, []);
    expect(run.stdout + run.stderr).toMatch(told);
    expect((await localize(folder, ['status', ...part])).stdout.replace(/\s+/g, ' ')).toContain(command);
    expect(JSON.parse(read('report.json')).differs_from_manifest).toEqual(differs);
    expect(JSON.parse(read('report.json')).jobs[0].differs_in).toEqual(['seed']);
    // Put back, nothing differs any more, and no run has to say so.
    writeFileSync(join(folder, 'manifest.yaml'), SMALL);
    await localize(folder, ['report']);
    expect(JSON.parse(read('report.json')).differs_from_manifest).toBeNull();
  });

  test('leaves a lost create to a person where its provider lists none, and to the next run elsewhere', async () => {
    const folder = folderWith({}, { media: true });
    const tracks = 'tracks: { de: ./media/audio/de/safety.mp3 }';
    const video = (id: string) => `  - { id: ${id}, source: ./media/safety.mp4, provider: ${id}, ${tracks} }`;
    const top = 'version: 1\nbatch: small\nemulate: true\nvideos:\n';
    writeFileSync(join(folder, 'manifest.yaml'), `${top}${video('vibedream')}\n${video('wavespeed')}\n`);
    await localize(folder, ['--yes']);
    const state = new Database(join(folder, '.localize/emulated.db'));
    state.exec("UPDATE attempts SET state = 'uncertain', billed_micros = NULL, prediction_id = NULL");
    state.exec("UPDATE jobs SET state = 'held', hold_reason = 'uncertain', output = NULL");
    state.close();
    const report = JSON.parse((await localize(folder, ['report', '--format', 'json'])).stdout);
    expect(report.needs_a_person).toMatchObject([
      { key: 'vibedream/de', state: 'held', mend: expect.stringContaining('settle') },
    ]);
    expect(report.next_run_looks_again).toMatchObject([{ key: 'wavespeed/de' }]);
  });

  test('writes one document, or one language with its videos, and opens the page', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    await localize(folder, []);
    const json = await localize(folder, ['report', '--format', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ batch: 'small' });
    const csv = await localize(folder, ['report', '--format', 'csv', '--only', '*/fr', '--output', 'fr.csv']);
    expect([csv.exit, csv.stdout]).toEqual([0, '']);
    expect(readFileSync(join(folder, 'fr.csv'), 'utf8').trim().split('\n')).toHaveLength(2);
    expect((await localize(folder, ['report', '--format', 'summary'])).stdout).toContain('2 succeeded');
    expect((await localize(folder, ['report', '--format', 'pdf'])).stderr).toContain('--format takes html, csv');
    expect((await localize(folder, ['report', '--only', '*/fr'])).exit).toBe(2);

    const german = await localize(folder, ['report', '--lang', 'DE', '--output', 'for-jana']);
    expect(german.stdout).toBe('for-jana/index.html\n');
    const { mediaBase, snapshot } = pageData(join(folder, 'for-jana/index.html'));
    expect(mediaBase).toBe('');
    expect(snapshot.jobs).toMatchObject([
      { key: 'safety/de', output: 'videos/safety.de.mp4', source: 'sources/safety.mp4' },
    ]);
    const copied = readFileSync(join(folder, 'for-jana/videos/safety.de.mp4'));
    expect(copied.equals(readFileSync(join(folder, 'localized/small.emulated/safety/safety.de.mp4')))).toBe(true);
    expect(readdirSync(join(folder, 'for-jana/videos'))).toEqual(['safety.de.mp4']);
    expect((await localize(folder, ['report', '--lang', 'de', '--output', 'for-jana'])).exit).toBe(0);
    for (const [mine, text] of [
      ['mine/index.html', '<!doctype html>\n<title>My page</title>'],
      ['videos-of-mine/videos/safety.de.mp4', 'my video'],
    ] as const) {
      const place = mine.split('/')[0] ?? '';
      mkdirSync(dirname(join(folder, mine)), { recursive: true });
      writeFileSync(join(folder, mine), text);
      const refused = await localize(folder, ['report', '--lang', 'de', '--output', place]);
      expect([refused.exit, refused.stderr]).toEqual([2, expect.stringContaining(`${mine} is there and is no`)]);
      expect(readFileSync(join(folder, mine), 'utf8')).toBe(text);
    }
    const onFolder = await localize(folder, ['report', '--output', '.']);
    expect(onFolder.exit).toBe(2);
    expect(onFolder.stderr).toContain('--output . is a folder');
    writeFileSync(join(folder, 'a-file'), 'mine');
    const throughFile = await localize(folder, ['report', '--format', 'csv', '--output', 'a-file/costs.csv']);
    expect([throughFile.exit, throughFile.stderr]).toEqual([4, expect.stringMatching(/OUTPUT_UNWRITABLE.*ENOTDIR/)]);
    for (const page of [[], ['--format', 'html'], ['--lang', 'de']]) {
      const nowhere = await localize(folder, ['report', ...page, '--output', '-']);
      expect([nowhere.exit, nowhere.stderr]).toEqual([
        2,
        expect.stringContaining('a page is not written to the terminal'),
      ]);
    }
    expect(existsSync(join(folder, '-'))).toBe(false);
    const page = await localize(folder, ['report', '--output', 'mine/index.html']);
    expect([page.exit, page.stderr]).toEqual([2, expect.stringContaining('is no page')]);
    const both = await localize(folder, ['report', '--lang', 'fr,de']);
    expect(both.stdout).toBe(`${REPORT}/languages/de+fr/index.html\n`);
    expect(pageData(join(folder, both.stdout.trim())).snapshot.jobs.map(({ key }) => key)).toEqual([
      'safety/de',
      'safety/fr',
    ]);
    const none = await localize(folder, ['report', '--lang', 'ja']);
    expect([none.exit, none.stderr]).toEqual([2, expect.stringContaining('there are de, fr')]);
    const slip = await localize(folder, ['report', '--lang', 'english']);
    expect([slip.exit, slip.stderr]).toEqual([2, expect.stringContaining('expected en')]);

    // Another file in the place of a video: no run has looked since.
    const video = join(folder, 'localized/small.emulated/safety/safety.fr.mp4');
    const own = readFileSync(video);
    writeFileSync(video, 'my own cut');
    const without = await localize(folder, ['report', '--lang', 'fr', '--output', 'for-luc']);
    expect(without.exit).toBe(0);
    expect(without.stderr).toContain('safety/fr is left out: the output on disk is not the file');
    expect(existsSync(join(folder, 'for-luc/videos'))).toBe(false);
    expect(pageData(join(folder, 'for-luc/index.html')).snapshot.jobs).toMatchObject([
      { replaced: true, output: null },
    ]);
    expect((await localize(folder, ['report', '--format', 'summary'])).stdout).toContain('1 of them replaced on disk');
    await localize(folder, ['report']);
    const told = () => JSON.parse(readFileSync(join(folder, REPORT, 'report.json'), 'utf8')).needs_a_person;
    expect(told()).toMatchObject([{ key: 'safety/fr', state: 'replaced' }]);
    // A run says the same and writes it down; a report finds it put back, at another time, before the next run does.
    await localize(folder, []);
    expect(told()).toMatchObject([{ key: 'safety/fr', state: 'replaced' }]);
    writeFileSync(video, own);
    await localize(folder, ['report']);
    expect(told()).toEqual([]);
  });

  test.skipIf(process.platform !== 'linux')('opens the page with the program of the desktop', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    writeFileSync(join(folder, 'xdg-open'), '#!/bin/sh\necho "$1" > opened.tmp && mv opened.tmp opened\n');
    chmodSync(join(folder, 'xdg-open'), 0o755);
    await localizeApart(folder, ['report', '--open'], { PATH: `${folder}:${process.env.PATH}` });
    const opened = join(folder, 'opened');
    await waitUntil(
      () => existsSync(opened),
      () => 'nothing was opened',
    );
    expect(readFileSync(opened, 'utf8').trim()).toBe(join(folder, REPORT, 'index.html'));
    const nothing = await localizeApart(folder, ['report', '--open'], { PATH: folder.concat('/none') });
    expect([nothing.exit, nothing.stderr]).toEqual([0, expect.stringContaining('open it by hand')]);
  });
});
