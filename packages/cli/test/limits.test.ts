import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith, localize, startLocalize, waitFor, waitUntil } from './support/cli.js';
import { SMALL } from './support/manifests.js';

/** Two jobs on one lane that lets one create through in an hour. */
const ONE_AN_HOUR = SMALL.replace(
  'emulate: true\n',
  'emulate: true\nproviders: { eachlabs: { limits: { creates: 1, per: 1h, concurrent: 5 } } }\n',
).replace('provider: wavespeed/infinitetalk', 'provider: eachlabs');

async function lanesOf(folder: string, args: readonly string[] = ['limits', '--json']) {
  const { stdout } = await localize(folder, args);
  return JSON.parse(stdout).lanes;
}

describe('localize limits', { timeout: 120_000 }, () => {
  test('shows what the manifest comes to before any run, and makes no state for it', async () => {
    const folder = folderWith({ 'manifest.yaml': ONE_AN_HOUR }, { media: true });
    const [lane, ...others] = await lanesOf(folder);
    expect(others).toEqual([]);
    expect(lane).toEqual({
      lane: 'EACHLABS_API_KEY',
      provider: 'eachlabs',
      former_key: false,
      concurrent: 5,
      creates: 1,
      per_seconds: 3600,
      limits_from: { concurrent: 'manifest', creates: 'manifest', per_seconds: 'manifest' },
      learned_concurrent: null,
      open: 0,
      open_uncertain: 0,
      creates_in_window: 0,
      next_place_at: null,
      rate_limited: 0,
      waiting_jobs: 2,
      waits_for: 'job',
      until: null,
      why: null,
    });
    expect(existsSync(join(folder, '.localize'))).toBe(false);
  });

  test('lets a run that is at work go on at once, and a later run keep it, until it is reset', async () => {
    const folder = folderWith({ 'manifest.yaml': ONE_AN_HOUR }, { media: true });
    const run = startLocalize(folder, ['--verbose']);
    await waitFor(run.stderr, 'succeeded');
    const status = JSON.parse((await localize(folder, ['status', '--json'])).stdout);
    expect(status).toMatchObject({ at_work: true, totals: { succeeded: 1 } });
    expect(status.lanes).toMatchObject([{ creates_in_window: 1, waiting_jobs: 1, waits_for: 'window' }]);
    expect(Date.parse(status.lanes[0].until)).toBeGreaterThan(Date.now() + 3_000_000);
    expect((await localize(folder, ['status'])).stdout).toMatch(
      /Lanes\n.*0 of 1 creates left per 1h +next place in the window/,
    );

    const set = await localize(folder, ['limits', 'eachlabs', '--creates', '4']);
    expect([set.exit, set.stdout]).toEqual([0, expect.stringContaining('3 of 4 creates left per 1h')]);
    expect(set.stdout).toContain('creates set by command');
    // The hour is not over: only the new limit lets the second create leave.
    expect((await run.finished).exit).toBe(0);

    const [kept] = await lanesOf(folder);
    expect(kept).toMatchObject({ creates: 4, creates_in_window: 2, waits_for: 'nothing' });
    expect((await localize(folder, [])).exit).toBe(0);
    expect((await lanesOf(folder))[0]).toMatchObject({ creates: 4, limits_from: { creates: 'command' } });
    expect(await lanesOf(folder, ['limits', 'manifest.yaml', '--json'])).toHaveLength(1);
    const [reset] = await lanesOf(folder, ['limits', 'eachlabs', 'manifest.yaml', '--reset', '--json']);
    expect(reset).toMatchObject({ creates: 1, limits_from: { creates: 'manifest' } });
  });

  test('holds for one key where it is named, and for keys to come where none is', async () => {
    const text = ONE_AN_HOUR.replace('eachlabs: {', 'eachlabs: { keys: [KEY_A, KEY_B],').replace(
      'creates: 1',
      'creates: 9',
    );
    const folder = folderWith({ 'manifest.yaml': text }, { media: true });
    const early = await localize(folder, ['limits', 'eachlabs', '--key', 'KEY_B', '--concurrent', '2']);
    expect([early.exit, early.stderr]).toEqual([2, expect.stringContaining('[LANE_UNKNOWN] no run has used KEY_B')]);
    await localize(folder, ['limits', 'eachlabs', '--concurrent', '3']);
    expect((await localize(folder, [])).exit).toBe(0);
    await localize(folder, ['limits', 'eachlabs', '--key', 'KEY_B', '--concurrent', '2']);
    const lanes = await lanesOf(folder);
    expect(lanes.map(({ lane, concurrent }: { lane: string; concurrent: number }) => [lane, concurrent])).toEqual([
      ['KEY_A', 3],
      ['KEY_B', 2],
    ]);
  });

  test('shows the manifest’s as they are now, whatever the last run had', async () => {
    const tiered = SMALL.replace(
      'emulate: true\n',
      'emulate: true\nproviders: { wavespeed: { tier: gold } }\n',
    ).replace('provider: eachlabs', 'provider: wavespeed/infinitetalk');
    const folder = folderWith({ 'manifest.yaml': tiered }, { media: true });
    expect((await localize(folder, [])).exit).toBe(0);
    expect(await lanesOf(folder)).toMatchObject([{ limits_from: { creates: 'tier gold' } }]);
    writeFileSync(join(folder, 'manifest.yaml'), tiered.replace('tier: gold', 'limits: { creates: 4 }'));
    expect(await lanesOf(folder)).toMatchObject([
      { creates: 4, concurrent: 3, limits_from: { creates: 'manifest', concurrent: 'default' } },
    ]);
    expect(await lanesOf(folder, ['status', '--json'])).toMatchObject([{ creates: 4, concurrent: 3 }]);
  });

  test('says what is wrong with what it was given, and changes nothing', async () => {
    const folder = folderWith({ 'manifest.yaml': ONE_AN_HOUR }, { media: true });
    const cases: [string[], string][] = [
      [['--concurrent', '3'], 'say which provider'],
      [['eachlabs', '--concurrent', '0'], 'a whole number from 1 up'],
      [['manifest.yaml', '-m', 'manifest.yaml'], 'named twice'],
      [['eachlabs', '--per', 'soon'], '--per takes a length'],
      [['eachlabs', '--reset', '--creates', '3'], '--reset takes back'],
      [['eachlab', '--creates', '3'], 'did you mean eachlabs?'],
      [['eachlabs', '--key', 'NOPE', '--creates', '3'], 'its keys are EACHLABS_API_KEY'],
    ];
    for (const [args, message] of cases) {
      const { exit, stderr } = await localize(folder, ['limits', ...args]);
      expect([exit, stderr]).toEqual([2, expect.stringContaining(message)]);
    }
    expect(existsSync(join(folder, '.localize'))).toBe(false);
  });
});

describe('localize status --watch', { timeout: 60_000 }, () => {
  test('follows a batch to its end, one document a line, and ends by itself', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    const watch = startLocalize(folder, ['status', '--watch', '--json']);
    await waitUntil(() => watch.stdout().includes('\n'), watch.stderr);
    expect((await localize(folder, [])).exit).toBe(0);
    const { exit, stdout } = await watch.finished;
    expect(exit).toBe(0);
    const documents = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(documents[0].totals).toMatchObject({ pending: 2 });
    expect(documents.at(-1)).toMatchObject({ at_work: false, totals: { succeeded: 2 } });
  });

  test('ends with 130 on Ctrl-C', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    const watch = startLocalize(folder, ['status', '--watch']);
    await waitFor(watch.stdout, 'small');
    watch.child.kill('SIGINT');
    expect((await watch.finished).exit).toBe(130);
  });
});
