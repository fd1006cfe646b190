import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { folderWith, localize, REPOSITORY } from './support/cli.js';

const STATES = join(REPOSITORY, 'packages/runner/test/fixtures/states');

const manifest = (batch: string) => `version: 1
batch: ${batch}
providers: { eachlabs: { price: { usd_per_second: 0.04 } } }
videos:
  - id: video-0
    source: https://cdn.example/video-0.mp4
    duration: 5s
    provider: eachlabs
    tracks: { de: { audio: https://cdn.example/de.mp3, duration: 5s } }
`;

/** A folder with the state of a released version and the manifests of two of its batches. */
function folderOfOld(name: string): { folder: string; state: string } {
  const folder = folderWith({ 'done.yaml': manifest('done'), 'failed.yaml': manifest('failed') });
  mkdirSync(join(folder, '.localize'));
  const state = join(folder, '.localize/state.db');
  copyFileSync(join(STATES, name), state);
  return { folder, state };
}

describe.each(readdirSync(STATES))('the state of an earlier version: %s', (name) => {
  test('is shown by status, report, plan and logs, which leave it as it is', async () => {
    const { folder, state } = folderOfOld(name);
    const before = readFileSync(state);
    const status = await localize(folder, ['status', 'done.yaml', '--json']);
    expect([status.exit, JSON.parse(status.stdout)]).toEqual([
      0,
      expect.objectContaining({ totals: expect.objectContaining({ jobs: 2, succeeded: 1, orphaned: 1 }) }),
    ]);
    const report = await localize(folder, ['report', 'done.yaml']);
    expect([report.exit, report.stderr]).toEqual([0, '']);
    expect(readFileSync(join(folder, 'localized/done/report/index.html'), 'utf8')).toContain('video-1/fr');
    expect((await localize(folder, ['plan', 'done.yaml'])).exit).toBe(0);
    expect((await localize(folder, ['logs', 'video-0/de', 'done.yaml'])).stdout).toContain('create');
    expect(readFileSync(state).equals(before)).toBe(true);
    expect(readdirSync(join(folder, '.localize'))).toEqual(['state.db']);
  });

  test('is upgraded, behind a backup, by the first command that changes something', async () => {
    const { folder, state } = folderOfOld(name);
    const stepsOf = () => {
      const sqlite = new Database(state, { readonly: true });
      const steps = Number(sqlite.pragma('user_version', { simple: true }));
      sqlite.close();
      return steps;
    };
    const before = stepsOf();
    expect((await localize(folder, ['plan', 'failed.yaml'])).stdout).toContain('a run is refused');
    const key = { EACHLABS_API_KEY: 'test-key-of-nobody' };
    const refused = await localize(folder, ['failed.yaml', '--failed', '--yes'], key);
    expect([refused.exit, refused.stderr]).toEqual([2, expect.stringContaining('[BATCH_ELSEWHERE]')]);
    const kept = JSON.parse((await localize(folder, ['status', 'failed.yaml', '--json'])).stdout);
    expect(kept).toMatchObject({ totals: { failed: 1 } });
    const retried = await localize(folder, ['retry', 'failed.yaml', '--same-batch']);
    expect([retried.exit, retried.stderr]).toEqual([0, 'To carry it out: localize failed.yaml\n']);
    // What it has printed is what may be typed next: the state knows by now where the manifest is.
    const next = await localize(folder, ['failed.yaml', '--collect'], key);
    expect(next.stderr).not.toContain('[BATCH_ELSEWHERE]');
    expect((await localize(folder, ['plan', 'failed.yaml'])).stdout).not.toContain('a run is refused');
    const backups = readdirSync(join(folder, '.localize')).filter((file) => file.endsWith('.backup'));
    // The last release may be what the code still is: then there is nothing to upgrade.
    expect(backups).toEqual(stepsOf() > before ? [`state.db.v${before}.backup`] : []);
    expect(JSON.parse((await localize(folder, ['status', 'failed.yaml', '--json'])).stdout)).toMatchObject({
      totals: { pending: 1 },
    });
    expect(existsSync(state)).toBe(true);
  });
});

test('a state of a newer version ends every command with 4, naming that version', async () => {
  const { folder, state } = folderOfOld('0.1.0.db');
  const newer = new Database(state);
  newer.pragma('user_version = 999');
  newer.exec(`UPDATE runs SET version = '9.8.7'`);
  newer.close();
  for (const command of [['status'], ['report'], ['plan'], ['retry'], ['run', '--yes']]) {
    const ended = await localize(folder, [...command, 'done.yaml'], { EACHLABS_API_KEY: 'test-key-of-nobody' });
    expect([command, ended.exit]).toEqual([command, 4]);
    expect(ended.stderr).toContain('error [STATE_NEWER]');
    expect(ended.stderr).toContain('localize 9.8.7');
  }
});
