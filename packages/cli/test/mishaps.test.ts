import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EmulatorOptions, startEmulator } from '@localize/emulator';
import { openStore } from '@localize/runner';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BIN, folderWith, localize, startLocalize, waitFor, waitUntil } from './support/cli.js';
import { smallAt } from './support/manifests.js';

const KEYS = { EACHLABS_API_KEY: 'key-of-eachlabs', WAVESPEED_API_KEY: 'key-of-wavespeed' };

/** A batch of two jobs at an emulator that this process holds, and so can look into. */
async function batchAt(options: Pick<EmulatorOptions, 'faults' | 'speed' | 'accounts'>) {
  const folder = folderWith({}, { media: true });
  const emulator = await startEmulator({ dir: join(folder, 'server'), speed: 300, ...options });
  onTestFinished(() => emulator.close());
  const { eachlabs, wavespeed } = emulator.endpoints;
  writeFileSync(join(folder, 'manifest.yaml'), smallAt({ eachlabs: eachlabs.baseUrl, wavespeed: wavespeed.baseUrl }));
  const bought = () => emulator.ledger().predictions.length;
  const status = async () => JSON.parse((await localize(folder, ['status', '--json'])).stdout) as Status;
  return { folder, emulator, bought, status };
}

/** What the next run will spend is said when it is asked for. */
const PRICED = /^safety\/de will be bought again for about \$0\.\d\d\n$/;

interface Status {
  readonly totals: Record<string, number>;
  readonly cost: Record<string, string>;
  readonly jobs: readonly { key: string; state: string; mend: string | null; attempts: { state: string }[] }[];
}

describe('what can happen to a run', { timeout: 120_000 }, () => {
  test('Ctrl-C twice gives up the wait for replies, and the next run buys nothing that may have been bought', async () => {
    const { folder, emulator, bought, status } = await batchAt({
      faults: [{ kind: 'slow-reply', on: 'create', ms: 60_000 }],
    });
    const running = startLocalize(folder, ['--yes', '--verbose'], KEYS);
    await waitUntil(
      () => bought() === 2,
      () => running.stderr(),
    );
    running.child.kill('SIGINT');
    await waitFor(running.stderr, '2 replies are awaited');
    running.child.kill('SIGINT');
    const stopped = await running.finished;
    expect([stopped.exit, stopped.stderr]).toEqual([130, expect.stringContaining('giving up the wait')]);
    expect((await status()).jobs.map(({ attempts }) => attempts.map(({ state }) => state))).toEqual([
      ['uncertain'],
      ['uncertain'],
    ]);
    const retried = await localize(folder, ['retry', '--only', 'safety/de'], KEYS);
    expect(retried.stdout).toContain('safety/de is left as it is, since nobody knows whether its create was bought');
    expect(retried.stdout).toContain('localize retry manifest.yaml --only safety/de --uncertain');
    const text = readFileSync(join(folder, 'manifest.yaml'), 'utf8');
    writeFileSync(join(folder, 'manifest.yaml'), text.replace('videos:', 'defaults: { prompt: Other words }\nvideos:'));
    const plan = await localize(folder, ['plan'], KEYS);
    expect(plan.stdout).toMatch(/Changed since they were bought; .*\n {2}safety\/de +\$\d\.\d+ +changed: prompt\n/);
    writeFileSync(join(folder, 'manifest.yaml'), text);
    emulator.setFaults([]);
    const again = await localize(folder, ['--collect', '--only', 'safety/de'], KEYS);
    expect([again.exit, bought()]).toEqual([expect.any(Number), 2]);
  });

  test('`retry` buys nothing again because another account’s key does not know what was bought', async () => {
    const accounts = { eachlabs: { [KEYS.EACHLABS_API_KEY]: 'one', 'another key': 'two' } };
    const { folder, bought, status } = await batchAt({ accounts, speed: 1 });
    const running = startLocalize(folder, ['--yes', '--verbose'], KEYS);
    await waitUntil(
      () => running.stderr().split(': accepted').length === 3,
      () => running.stderr(),
    );
    running.child.kill('SIGINT');
    await running.finished;
    const before = bought();
    const store = openStore(join(folder, '.localize', 'state.db'));
    store.sqlite.exec(`UPDATE jobs SET state = 'held', hold_reason = 'timed-out' WHERE state = 'processing'`);
    store.close();
    const other = { ...KEYS, EACHLABS_API_KEY: 'another-key' };
    const retried = await localize(folder, ['retry', '--json', '--only', 'safety/de'], other);
    expect(JSON.parse(retried.stdout)).toMatchObject({ again: [], resumed: ['safety/de'] });
    const run = await localize(folder, ['--yes', '--only', 'safety/de'], other);
    expect([run.exit, bought()]).toEqual([1, before]);
    expect((await status()).jobs[0]?.mend).toBe(
      'give the key back or another of its account, then: localize manifest.yaml | localize settle manifest.yaml safety/de --abandon',
    );
  });

  test('a machine that sleeps goes on where it was when it wakes', async () => {
    const { folder, emulator, bought } = await batchAt({});
    const running = startLocalize(folder, ['--yes', '--verbose'], KEYS);
    await waitFor(running.stderr, ': accepted');
    running.child.kill('SIGSTOP');
    const open = () => emulator.ledger().predictions.filter(({ state }) => state !== 'succeeded').length;
    await waitUntil(
      () => open() === 0,
      () => JSON.stringify(emulator.ledger()),
    );
    running.child.kill('SIGCONT');
    expect([(await running.finished).exit, bought()]).toEqual([0, 2]);
  });

  test('a failed prediction is made again where it was not charged, and waits for `retry` where it may have been', async () => {
    const { folder, emulator, bought, status } = await batchAt({
      faults: [
        { kind: 'fail-prediction', provider: 'wavespeed', times: 1 },
        { kind: 'fail-prediction', provider: 'eachlabs', times: 1, charged: true },
      ],
    });
    expect((await localize(folder, ['--yes'], KEYS)).exit).toBe(1);
    const after = await status();
    expect(after.jobs).toMatchObject([
      { key: 'safety/de', state: 'failed', attempts: [{ state: 'failed' }] },
      { key: 'safety/fr', state: 'succeeded', attempts: [{ state: 'failed' }, { state: 'completed' }] },
    ]);
    expect(after.jobs[0]?.mend).toBe('localize retry manifest.yaml --only safety/de');
    expect((await localize(folder, ['--yes'], KEYS)).exit).toBe(1);
    expect(bought()).toBe(3);
    emulator.setFaults([{ kind: 'refuse-poll', status: 503 }]);
    const unasked = await localize(folder, ['--failed', '--yes'], KEYS);
    expect([unasked.exit, bought()]).toEqual([1, 3]);
    expect(unasked.stderr).toMatch(/safety\/de: left as it is, .*settle manifest.yaml safety\/de --not-bought/);
    emulator.setFaults([]);
    const retried = await localize(folder, ['retry', '--only', 'safety/de', '--yes', '--same-batch'], KEYS);
    expect([retried.exit, retried.stdout]).toEqual([0, expect.stringMatching(PRICED)]);
    expect((await localize(folder, ['--yes'], KEYS)).exit).toBe(0);
    expect(bought()).toBe(4);
  });

  test('is warned of a state that is gone, by plan and run alike, and then no more', async () => {
    const { folder, bought } = await batchAt({});
    expect((await localize(folder, ['--yes'], KEYS)).exit).toBe(0);
    for (const ending of ['', '-wal', '-shm']) rmSync(join(folder, `.localize/state.db${ending}`), { force: true });
    const gone = 'the state that small had is gone';
    expect((await localize(folder, ['plan'])).stdout.replace(/\s+/g, ' ')).toContain(gone);
    const [next, after] = [await localize(folder, ['--yes'], KEYS), await localize(folder, ['--yes'], KEYS)];
    expect([next.exit, after.exit, bought()]).toEqual([0, 0, 2]);
    expect([next.stderr.includes(gone), after.stderr.includes(gone)]).toEqual([true, false]);
  });

  test('is told of a folder that went away under the shell, before anything is read', () => {
    const folder = folderWith({
      'manifest.yaml': smallAt({ eachlabs: 'http://127.0.0.1:1', wavespeed: 'http://127.0.0.1:1' }),
    });
    mkdirSync(join(folder, 'gone'));
    const script = 'cd "$1/gone" && rmdir "$1/gone" && exec "$2" "$3" run "$1/manifest.yaml" --yes';
    const { status, stderr } = spawnSync('sh', ['-c', script, 'sh', folder, process.execPath, BIN], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([2, expect.stringContaining('error [USAGE] the folder that this was started in')]);
    expect(stderr).not.toContain('    at ');
  });
});
