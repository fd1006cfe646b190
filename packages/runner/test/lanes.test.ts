import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { costTotals, type Plan, type StatusResult, type WholePlan } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunEvent, readLanes, retry, settle } from '../src/index.js';
import { openLanes } from '../src/lanes/open-lanes.js';
import { bootClock } from '../src/store/clock/boot-clock.js';
import { type BatchFixture, batchFixture, MEDIA } from '../testing/batch-fixture.js';
import { acmeKey as key, refusingKeys } from '../testing/refusing-keys.js';
import { stopOnceAccepted } from '../testing/stop-once-accepted.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de', 'fr', 'ja', 'es', 'it', 'nl']);
});
afterEach(() => batch.close());

function limited(creates: number, concurrent: number, perMs = 600): WholePlan {
  const plan = batch.plan(['de', 'fr', 'ja', 'es', 'it', 'nl']);
  const acme = { ...plan.providers.acme!, limits: { creates, perMs, concurrent } };
  return { ...plan, providers: { acme } };
}

const lanesUsed = () => new Set(batch.snapshot().jobs.flatMap((job) => job.attempts.map(({ lane }) => lane)));

/** The most creates that any window saw. */
function fullest(times: readonly number[], perMs: number): number {
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + perMs).length));
}

describe('keys of one provider', () => {
  it('have a window each when each is an account of its own', async () => {
    await batch.run({ keys: [key('KEY_A', null), key('KEY_B', null)] }, limited(3, 6, 60_000));
    expect(lanesUsed()).toEqual(new Set(['KEY_A', 'KEY_B']));
    const attempts = batch.snapshot().jobs.flatMap((job) => job.attempts);
    // Six in one window would be too many for one of them.
    for (const lane of lanesUsed()) expect(attempts.filter((attempt) => attempt.lane === lane)).toHaveLength(3);
  });

  it('share one window when they are one account', async () => {
    await batch.run({ keys: [key('KEY_A', 'main'), key('KEY_B', 'main')] }, limited(3, 6));
    expect(lanesUsed()).toEqual(new Set(['KEY_A+KEY_B']));
    expect(
      fullest(
        batch.scripted.starts.map(({ atMs }) => atMs),
        600,
      ),
    ).toBeLessThanOrEqual(3);
  });

  it('are refused when one secret stands under two names', async () => {
    const keys = [key('KEY_A', null, 'same'), key('KEY_B', null, 'same')];
    await expect(batch.run({ keys })).rejects.toMatchObject({ code: 'KEY_DUPLICATE' });
  });

  it('keep their window over a restart, also under another variable name', async () => {
    const half = batch.plan(['de', 'fr', 'ja']);
    const acme = { ...half.providers.acme!, limits: { creates: 3, perMs: 1_500, concurrent: 6 } };
    await batch.run({ keys: [key('KEY_A', null, 'value')] }, { ...half, providers: { acme } });
    batch.reopen();
    const whole = { ...limited(3, 6), providers: { acme } };
    await batch.run({ keys: [key('RENAMED', null, 'value')] }, whole);
    expect(batch.scripted.starts).toHaveLength(6);
    expect(
      fullest(
        batch.scripted.starts.map(({ atMs }) => atMs),
        1_500,
      ),
    ).toBeLessThanOrEqual(3);
  });
});

describe('keys that change their account', () => {
  const planOf = (languages: string[], perMs = 1_500): Plan => {
    const plan = batch.plan(languages);
    const limits = { creates: 3, perMs, concurrent: 6 };
    return { ...plan, providers: { acme: { ...plan.providers.acme!, limits } } };
  };
  const times = () => batch.scripted.starts.map(({ atMs }) => atMs);

  it('bring what they sent into the account that they share from now on', async () => {
    await batch.run({ keys: [key('KEY_A', null), key('KEY_B', null)] }, planOf(['de', 'fr', 'ja', 'es', 'it', 'nl']));
    expect(lanesUsed().size).toBe(2);
    const together = [key('KEY_A', 'main'), key('KEY_B', 'main')];
    await batch.run({ keys: together }, planOf(['de', 'fr', 'ja', 'es', 'it', 'nl', 'pl']));
    // Six posts of the one account lie in the window: the seventh waits for the fourth of them to leave it.
    expect(times()[6]! - times()[3]!).toBeGreaterThanOrEqual(1_500);
  });

  it('take what they sent along when they part, and neither loses the other’s window', async () => {
    // No place in such a window is free again while the test lasts.
    const dayMs = 86_400_000;
    await batch.run({ keys: [key('KEY_A', 'main'), key('KEY_B', 'main')] }, planOf(['de', 'fr', 'ja'], dayMs));
    const apart = [key('KEY_A', null), key('KEY_B', null)];
    await batch.run({ keys: apart }, planOf(['de', 'fr', 'ja', 'es', 'it', 'nl'], dayMs));
    // Each has room for what the other had sent.
    expect(times()).toHaveLength(6);
    const lanes = batch.store.sqlite.prepare('SELECT count(DISTINCT lane_id) AS lanes FROM attempts').get();
    expect(lanes).toEqual({ lanes: 2 });
  });
});

const refusing = (refused: ReadonlySet<string>) => refusingKeys(batch, refused);
const PENDING: StatusResult = { state: 'pending', phase: 'running' };

describe('a key that is gone while its prediction is open', () => {
  it('holds the job by name, and the key given back brings the paid video', async () => {
    batch.scripted.statuses.set('prediction-1', { state: 'pending', phase: 'running' });
    const plan = batch.plan(['de']);
    await batch.run({ keys: [key('KEY_A', null)], ...stopOnceAccepted() }, plan);
    batch.scripted.statuses.clear();
    const { providers } = refusing(new Set(['KEY_B']));
    expect((await batch.run({ keys: [key('KEY_B', null)], providers }, plan)).exit).toBe(1);
    expect(batch.snapshot().jobs[0]).toMatchObject({
      state: 'held',
      holdReason: 'key-missing',
      reason: expect.stringContaining('acme was asked with KEY_A, and answers nothing about it to KEY_B'),
      mend: expect.stringContaining('localize manifest.yaml'),
    });
    expect((await batch.run({ keys: [key('KEY_A', null)] }, plan)).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is told as a former key where its variable holds another by now', async () => {
    batch.scripted.statuses.set('prediction-1', PENDING);
    const plan = batch.plan(['de']);
    await batch.run({ keys: [key('KEY_A', null)], ...stopOnceAccepted() }, plan);
    const { providers } = refusing(new Set(['another']));
    expect((await batch.run({ keys: [key('KEY_A', null, 'another')], providers }, plan)).exit).toBe(1);
    const reason = 'acme was asked with a former key of KEY_A, and answers nothing about it to KEY_A';
    expect(batch.snapshot().jobs[0]?.reason).toContain(reason);
    const lanes = readLanes(batch.store, { nowMs: bootClock(batch.store).nowMs() });
    expect(lanes.find(({ former }) => former)).toMatchObject({ open: 1, held: 1 });
  });

  it('can be given up at its money’s risk, is bought anew by `retry`, and is billed once the key is back', async () => {
    batch.scripted.statuses.set('prediction-1', { state: 'pending', phase: 'running' });
    const plan = batch.plan(['de']);
    await batch.run({ keys: [key('KEY_A', null)], ...stopOnceAccepted() }, plan);
    batch.scripted.statuses.clear();
    const other = { keys: [key('KEY_B', null)], providers: refusing(new Set(['KEY_B'])).providers };
    await batch.run(other, plan);
    const action = { store: batch.store, batch: 'spring', clock: bootClock(batch.store), host: 'test' };
    expect(batch.snapshot().jobs[0]?.mend).toContain(' | localize settle manifest.yaml keynote/de --abandon');
    const settled = await settle(action, 'keynote/de', { kind: 'abandon' });
    expect(settled).toMatchObject({ state: 'canceled', attempt: { predictionId: 'prediction-1' } });
    expect(costTotals(batch.snapshot().jobs)).toMatchObject({ atRiskMicros: 150_000, inFlightMicros: 0 });
    const again = await retry(action, { only: () => true, uncertain: false });
    expect(again).toMatchObject({ again: ['keynote/de'], resumed: [] });
    expect((await batch.run({ keys: [key('KEY_B', null)] }, plan)).exit).toBe(0);
    expect(costTotals(batch.snapshot().jobs)).toMatchObject({ billedMicros: 150_000, atRiskMicros: 150_000 });
    await batch.run({ keys: [key('KEY_A', null)] }, plan);
    expect(costTotals(batch.snapshot().jobs)).toMatchObject({ billedMicros: 300_000, atRiskMicros: 0 });
  });
});

describe('a secret that is rotated while its predictions are open', () => {
  const rotated = (account: string | null) => [key('KEY_A', account, 'the new secret')];

  it('leaves an account with a name its lane, its window and its predictions, which the new key asks for', async () => {
    // No place in such a window is free again while the test lasts.
    const plan = limited(3, 3, 86_400_000);
    for (const id of [1, 2, 3]) batch.scripted.statuses.set(`prediction-${id}`, PENDING);
    const first = { ...plan, jobs: plan.jobs.slice(0, 3) };
    await batch.run({ keys: [key('KEY_A', 'main')], ...stopOnceAccepted() }, first);
    batch.scripted.statuses.clear();
    const { providers, asked } = refusing(new Set(['KEY_A']));
    const only = (name: string) => first.jobs.some((job) => job.key === name);
    expect(await batch.run({ keys: rotated('main'), providers, only }, plan)).toMatchObject({ exit: 0 });
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((each) => each.endsWith('401'))).toEqual([]);
    expect(batch.scripted.starts).toHaveLength(3);
    expect(readLanes(batch.store, { nowMs: bootClock(batch.store).nowMs() })).toMatchObject([{ open: 0, inWindow: 3 }]);
    expect(batch.snapshot().lanes).toHaveLength(1);
  });

  it('is asked for with the new key where the provider answers it, also of an account without a name', async () => {
    batch.scripted.statuses.set('prediction-1', PENDING);
    const plan = batch.plan(['de']);
    await batch.run({ keys: [key('KEY_A', null)], ...stopOnceAccepted() }, plan);
    batch.scripted.statuses.clear();
    const { providers } = refusing(new Set(['KEY_A']));
    expect(await batch.run({ keys: rotated(null), providers }, plan)).toMatchObject({ exit: 0 });
    expect(batch.scripted.starts).toHaveLength(1);
    expect(batch.events).toContainEqual(
      expect.objectContaining({
        type: 'problem',
        message: 'what a former key of KEY_A bought is followed with KEY_A: acme answers it about that',
      }),
    );
  });
});

describe('lanes of one variable whose secret changed between runs', () => {
  const withSecret = (value: string) => [key('KEY_A', null, value)];
  const shown = () => readLanes(batch.store, { nowMs: bootClock(batch.store).nowMs(), batch: 'spring' });

  it('are one lane, that of the key that was used last, also where it came back', async () => {
    const laneHost = () => 'host';
    const { providers } = refusing(new Set(['one']));
    expect(await batch.run({ keys: withSecret('one'), providers, laneHost }, limited(2, 3))).toMatchObject({ exit: 1 });
    expect(shown()).toMatchObject([{ limits: { creates: 2 }, wait: { for: 'person' } }]);
    expect(await batch.run({ keys: withSecret('two'), laneHost }, limited(9, 3))).toMatchObject({ exit: 0 });
    expect(shown()).toMatchObject([{ limits: { creates: 9 }, wait: { for: 'nothing' } }]);
    // Nobody needs to help a key that has gone.
    expect(batch.snapshot().lanes.map(({ closed }) => closed)).toEqual([null, null]);
    openLanes(batch.store, limited(4, 3), withSecret('one'), laneHost);
    expect(shown()).toMatchObject([{ limits: { creates: 4 } }]);
  });

  it('are told apart while a former key’s predictions are open, and only the newest has jobs to go', async () => {
    const laneHost = () => 'host';
    batch.scripted.statuses.set('prediction-1', PENDING);
    const plan = limited(9, 1);
    await batch.run({ keys: withSecret('one'), laneHost, ...stopOnceAccepted() }, plan);
    expect(shown()).toMatchObject([{ open: 1, waitingJobs: 5 }]);
    openLanes(batch.store, plan, withSecret('two'), laneHost);
    expect(shown()).toMatchObject([
      { former: true, open: 1, held: 0, waitingJobs: 0, wait: { for: 'nothing' } },
      { open: 0, waitingJobs: 5, wait: { for: 'job' } },
    ]);
  });
});

describe('a job that no route takes', () => {
  it('is held by name with the reasons, and the others go on', async () => {
    const plan = batch.plan(['de', 'fr']);
    const [first, second] = plan.jobs;
    const ineligible = [{ route: 'acme/lips', reason: 'the track is longer than 10 minutes' }];
    const outcome = await batch.run({}, { ...plan, jobs: [{ ...first!, choices: [], ineligible }, second!] });
    expect(outcome.exit).toBe(1);
    const [held, done] = batch.snapshot().jobs;
    expect(held).toMatchObject({
      state: 'held',
      holdReason: 'no-route',
      reason: expect.stringContaining('10 minutes'),
    });
    expect(existsSync(done!.output!)).toBe(true);
  });
});

describe('a lane that closes while a file is on its way', () => {
  it('holds the job, and a failing upload after that ends no run', async () => {
    const plan = batch.plan(['de', 'fr']);
    const other = { kind: 'file' as const, path: join(MEDIA, 'safety.mp4') };
    const jobs = plan.jobs.map((planned, index) => (index === 1 ? { ...planned, video: other } : planned));
    let close = () => undefined as unknown;
    const closed = new Promise<unknown>((resolve) => {
      close = () => resolve(undefined);
    });
    const { provider } = batch.scripted;
    const upload: NonNullable<typeof provider.upload> = async (file, context) => {
      if (basename(file.path) !== 'safety.mp4') return provider.upload!(file, context);
      await closed;
      return { outcome: 'failed', failure: { kind: 'storage', message: 'the storage is down' } };
    };
    batch.scripted.nextStarts.push('refused');
    batch.scripted.refusal.kind = 'auth';
    const onEvent = (event: RunEvent) => {
      if (event.type === 'job:state' && event.key === 'keynote/fr' && event.from === 'staging') close();
    };
    const providers = new Map([['acme', { ...provider, upload }]]);
    expect(await batch.run({ providers, onEvent }, { ...plan, jobs })).toMatchObject({ why: 'finished', exit: 1 });
    expect(batch.snapshot().jobs.map(({ holdReason }) => holdReason)).toEqual(['lane-closed', 'lane-closed']);
  });
});
