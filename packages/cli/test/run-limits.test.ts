import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith, localize, startLocalize, waitFor } from './support/cli.js';
import { SMALL, serveProviders, smallFor } from './support/manifests.js';

const KEYS = { EACHLABS_API_KEY: 'sesame-each-4711', WAVESPEED_API_KEY: 'sesame-wave-4712' };

/** Two jobs on one lane that lets one create through in an hour. */
const ONE_AN_HOUR = SMALL.replace(
  'emulate: true\n',
  'emulate: true\nproviders: { eachlabs: { limits: { creates: 1, per: 1h, concurrent: 5 } } }\n',
).replace('provider: wavespeed/infinitetalk', 'provider: eachlabs');

describe('a run that finds its batch held', { timeout: 120_000 }, () => {
  test('skips, waits for a while or waits to the end, and says who holds it', async () => {
    const folder = folderWith({}, { media: true });
    writeFileSync(join(folder, 'manifest.yaml'), smallFor(await serveProviders(folder)));
    const first = startLocalize(folder, ['--verbose'], KEYS);
    await waitFor(first.stderr, ': accepted');
    // Asleep it keeps the lock and ends no sooner than this test wants.
    first.child.kill('SIGSTOP');
    const holder = `the batch small is held by process ${first.child.pid} on`;

    const skipped = await localize(folder, ['--skip-if-running'], KEYS);
    expect([skipped.exit, skipped.stderr]).toEqual([0, expect.stringContaining(`skipped: ${holder}`)]);
    expect(await localize(folder, ['--skip-if-running', '-q'], KEYS)).toMatchObject({
      exit: 0,
      stdout: '',
      stderr: '',
    });
    const impatient = await localize(folder, ['--wait=1s'], KEYS);
    expect([impatient.exit, impatient.stderr]).toEqual([5, expect.stringContaining('waiting up to 1s')]);
    const leaving = startLocalize(folder, ['--wait=30m'], KEYS);
    await waitFor(leaving.stderr, holder);
    leaving.child.kill('SIGINT');
    expect((await leaving.finished).exit).toBe(130);

    const patient = startLocalize(folder, ['manifest.yaml', '--wait'], KEYS);
    await waitFor(patient.stderr, 'waiting until it ends');
    first.child.kill('SIGCONT');
    expect((await first.finished).exit).toBe(0);
    expect((await patient.finished).exit).toBe(0);
    const { stdout } = await localize(folder, ['status', '--json']);
    expect(JSON.parse(stdout).jobs.map(({ attempts }: { attempts: unknown[] }) => attempts.length)).toEqual([1, 1]);
  });
});

describe('a run that ends its creates', { timeout: 120_000 }, () => {
  test('--stop-after fetches what is bought, leaves the rest, and ends with 3', async () => {
    const folder = folderWith({ 'manifest.yaml': ONE_AN_HOUR }, { media: true });
    expect((await localize(folder, ['--stop-after', '4s'])).exit).toBe(3);
    const { totals } = await statusOf(folder);
    expect(totals).toMatchObject({ running: 0, pending: 2 - totals.succeeded });
  });

  test('--collect fetches what an interrupted run bought, and buys nothing', async () => {
    const folder = folderWith({ 'manifest.yaml': ONE_AN_HOUR }, { media: true });
    const first = startLocalize(folder, ['--verbose']);
    await waitFor(first.stderr, ': accepted');
    first.child.kill('SIGINT');
    expect((await first.finished).exit).toBe(130);
    writeFileSync(join(folder, 'manifest.yaml'), ONE_AN_HOUR.replace('creates: 1', 'creates: 9'));

    expect((await localize(folder, ['--collect'])).exit).toBe(3);
    const { totals, jobs } = await statusOf(folder);
    expect(totals).toMatchObject({ succeeded: 1, pending: 1 });
    expect(jobs.flatMap(({ attempts }) => attempts)).toHaveLength(1);
    expect((await localize(folder, [])).exit).toBe(0);
    expect((await localize(folder, ['--collect'])).exit).toBe(0);
  });

  test.each([
    [['--wait', 'manifest.yaml'], '--wait takes a length such as 30m, not manifest.yaml'],
    [['--wait', '--skip-if-running'], '--wait and --skip-if-running exclude each other'],
    [['--stop-after', 'soon'], '--stop-after takes a length such as 5h or 90m, not soon'],
    [['--stop-after', '60d'], '--stop-after takes at most 24d, not 60d'],
    [['--collect', '--remake'], '--collect and --remake exclude each other'],
  ])('refuses %j', async (args, message) => {
    const { exit, stderr } = await localize(folderWith(), args);
    expect([exit, stderr]).toEqual([2, expect.stringContaining(`error [USAGE] ${message}`)]);
  });
});

interface Status {
  readonly totals: { readonly succeeded: number };
  readonly jobs: readonly { readonly attempts: readonly unknown[] }[];
}

async function statusOf(folder: string): Promise<Status> {
  return JSON.parse((await localize(folder, ['status', '--json'])).stdout);
}
