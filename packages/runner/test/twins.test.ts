import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { WholePlan } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cancel, type RunEvent, type RunOptions, settle } from '../src/index.js';
import { type BatchFixture, batchFixture, MEDIA, plannedJob } from '../testing/batch-fixture.js';
import { withSecondProvider } from '../testing/second-provider.js';
import { stopOnceAccepted } from '../testing/stop-once-accepted.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture();
});
afterEach(() => batch.close());

/** So many jobs that are made of the very same, under names of their own. */
function twins(count: number): WholePlan {
  const jobs = Array.from({ length: count }, (_, position) => ({
    ...plannedJob('de', position),
    key: `copy-${position}/de`,
    videoId: `copy-${position}`,
    output: `copy-${position}/copy-${position}.de.mp4`,
  }));
  return batch.plan([], { jobs });
}

const states = () => batch.snapshot().jobs.map(({ state }) => state);
const job = (index: number) => batch.snapshot().jobs[index]!;
const bought = () => batch.scripted.starts.length;

const clock = { nowMs: () => Date.now(), wallMs: () => Date.now(), after: () => () => undefined };
const action = () => ({ store: batch.store, clock, batch: 'spring', host: 'test' });

const cancelFirst = () => cancel(action(), { only: (key) => key === 'copy-0/de', askProvider: async () => null });

function settleFirst(settlement: Parameters<typeof settle>[2]) {
  return settle(action(), 'copy-0/de', settlement);
}

describe('jobs of one batch that are made of the very same', () => {
  it('are bought once, and each has its video', async () => {
    expect(await batch.run({}, twins(25))).toMatchObject({ why: 'finished', exit: 0 });
    expect(bought()).toBe(1);
    for (const { state, output, attempts } of batch.snapshot().jobs) {
      expect(state).toBe('succeeded');
      expect(existsSync(output!)).toBe(true);
      if (attempts.length > 0) expect(attempts).toMatchObject([{ predictionId: 'prediction-1' }]);
    }
    expect(batch.snapshot().jobs.filter(({ attempts }) => attempts.length > 0)).toHaveLength(1);
  });

  it('give the first its own result back where that has lost its file, and it is told which run did it', async () => {
    await batch.run({}, twins(2));
    expect(batch.snapshot().jobs.map(({ takenBack }) => takenBack)).toEqual([undefined, undefined]);
    const first = batch.snapshot().jobs.find(({ attempts }) => attempts.length > 0)!;
    rmSync(first.output!);
    await batch.run({}, twins(2));
    const after = batch.snapshot();
    expect(after.jobs.find(({ key }) => key === first.key)).toMatchObject({
      takenBack: { runId: after.runs.at(-1)!.id },
    });
  });

  it('are all done where the budget has room for one alone, and where one was bought before', async () => {
    expect(await batch.run({ maxMicros: 160_000 }, twins(4))).toMatchObject({ why: 'finished', exit: 0 });
    expect(await batch.run({ maxMicros: 1 }, twins(6))).toMatchObject({ why: 'finished', exit: 0 });
    expect(bought()).toBe(1);
    expect(batch.events.filter(({ type }) => type === 'budget:met')).toEqual([]);
    expect(states()).toEqual(Array.from({ length: 6 }, () => 'succeeded'));
  });

  it('go on by themselves where the first fails at the provider', async () => {
    const failure = { kind: 'rejected-content', message: 'moderated' } as const;
    batch.scripted.statuses.set('prediction-1', { state: 'failed', failure, canceled: false, costMicros: null });
    expect(await batch.run({}, twins(3))).toMatchObject({ why: 'finished', exit: 1 });
    expect(bought()).toBe(2);
    expect(states().sort()).toEqual(['failed', 'succeeded', 'succeeded']);
  });

  it('go on by themselves where the first is refused', async () => {
    batch.scripted.nextStarts.push('refused');
    Object.assign(batch.scripted.refusal, { kind: 'invalid-input' });
    await batch.run({}, twins(2));
    expect(bought()).toBe(1);
    expect(states().sort()).toEqual(['failed', 'succeeded']);
  });

  it('are held while nobody knows whether the first was bought, and say what they wait for; the run ends', async () => {
    batch.scripted.nextStarts.push('uncertain');
    expect(await batch.run({}, twins(3))).toMatchObject({ why: 'finished', exit: 1 });
    expect(bought()).toBe(1);
    expect(job(1)).toMatchObject({ state: 'held', holdReason: 'twin', attempts: [] });
    expect(job(1).reason).toContain('copy-0/de is held, since the create was sent but its reply was lost');
    // Whatever is run, nothing more is bought until somebody says what became of it.
    expect(await batch.run({}, twins(3))).toMatchObject({ exit: 1 });
    expect(bought()).toBe(1);
    await settleFirst({ kind: 'not-bought' });
    expect(await batch.run({}, twins(3))).toMatchObject({ exit: 0 });
    expect(bought()).toBe(2);
  });

  it('are bought where the user has given the first up', async () => {
    batch.scripted.nextStarts.push('uncertain');
    await batch.run({}, twins(3));
    await settleFirst({ kind: 'abandon' });
    await batch.run({}, twins(3));
    expect(bought()).toBe(2);
    expect(states()).toEqual(['canceled', 'succeeded', 'succeeded']);
  });

  it('take the result of the first when it is found in the run', async () => {
    batch.scripted.nextStarts.push('uncertain');
    const running = batch.run({}, twins(3));
    const found = () => batch.scripted.starts[0];
    while (!found()) await new Promise((resolve) => setTimeout(resolve, 5));
    const prediction = { predictionId: 'prediction-1', reference: { id: 'prediction-1' }, status: 'running' };
    const candidate = { ...prediction, createdAtMs: found()!.atMs, isTimely: true, inputs: 'same' } as const;
    batch.scripted.found.result = { state: 'listed', candidates: [candidate] };
    expect(await running).toMatchObject({ exit: 0 });
    expect(bought()).toBe(1);
    // The time in which the lane could have made something else is told from that.
    expect(batch.snapshot().lanes[0]?.stops).toMatchObject([{ cause: 'twin', untilMs: expect.any(Number) }]);
  });

  it('take what is made for one that is canceled, since it is paid for', async () => {
    let canceled = false;
    const overrides: Partial<RunOptions> = {
      onEvent: (event) => {
        if (canceled || event.type !== 'attempt:state' || event.to !== 'accepted') return;
        canceled = true;
        const { sqlite } = batch.store;
        setImmediate(() => sqlite.exec(`UPDATE jobs SET state = 'canceled' WHERE key = 'copy-0/de'`));
      },
    };
    batch.scripted.statuses.set('prediction-1', { state: 'pending', phase: 'running' });
    const running = batch.run(overrides, twins(2));
    while (!canceled) await new Promise((resolve) => setTimeout(resolve, 20));
    batch.scripted.statuses.delete('prediction-1');
    await running;
    expect(states()).toEqual(['canceled', 'succeeded']);
    expect(bought()).toBe(1);
  });

  it('go on by themselves where the provider ends the one that is canceled', async () => {
    const running = { state: 'pending', phase: 'running' } as const;
    batch.scripted.statuses.set('prediction-1', running);
    await batch.run(stopOnceAccepted(), twins(2));
    await cancelFirst();
    const failure = { kind: 'provider', message: 'canceled' } as const;
    batch.scripted.statuses.set('prediction-1', { state: 'failed', failure, canceled: true, costMicros: null });
    await batch.run({}, twins(2));
    expect(states()).toEqual(['canceled', 'succeeded']);
    expect(bought()).toBe(2);
  });

  it('are held where the one that is canceled may have been bought, and say so', async () => {
    batch.scripted.nextStarts.push('uncertain');
    await batch.run({}, twins(1));
    await cancelFirst();
    await batch.run({}, twins(2));
    expect(bought()).toBe(1);
    expect(job(1)).toMatchObject({ state: 'held', holdReason: 'twin' });
    expect(job(1).reason).toContain('copy-0/de is canceled, and the create was sent but its reply was lost');
  });

  it('take the result of one whose lane has closed, where they could go elsewhere too', async () => {
    const other = withSecondProvider(batch, ['ja']);
    const copies = other.plan.jobs.flatMap(({ choices }) => twins(2).jobs.map((each) => ({ ...each, choices })));
    batch.scripted.statuses.set('prediction-1', { state: 'pending', phase: 'running' });
    // The third is made of something else, and is refused once the first is out.
    batch.scripted.nextStarts.push('accepted', 'refused');
    batch.scripted.refusal.kind = 'payment';
    const onEvent = (event: RunEvent) => {
      if (event.type === 'lane:closed') batch.scripted.statuses.delete('prediction-1');
    };
    const jobs = [...copies, ...other.plan.jobs.map((each) => ({ ...each, position: 2 }))];
    expect(await batch.run({ ...other.overrides, onEvent }, { ...other.plan, jobs })).toMatchObject({ exit: 0 });
    expect([bought(), other.starts.length]).toEqual([1, 1]);
    expect(states()).toEqual(['succeeded', 'succeeded', 'succeeded']);
  });

  it('take it too where they were not even staged when the lane closed, and have moved on to another route', async () => {
    const fillers = ['ja', 'fr', 'it', 'es', 'pl', 'nl', 'sv', 'da', 'fi', 'nb', 'cs', 'sk', 'hu', 'ro'];
    const other = withSecondProvider(batch, fillers);
    const [{ choices } = { choices: [] }] = other.plan.jobs;
    const [first, last] = twins(2).jobs.map((each) => ({ ...each, choices }));
    const between = other.plan.jobs.map((each, index) => ({ ...each, position: index + 1 }));
    const jobs = [first!, ...between, { ...last!, position: between.length + 1 }];
    const limits = { creates: 100, perMs: 60_000, concurrent: 2 };
    const providers = Object.fromEntries(
      Object.entries(other.plan.providers).map(([id, each]) => [id, { ...each, limits }]),
    );
    batch.scripted.statuses.set('prediction-1', { state: 'pending', phase: 'running' });
    batch.scripted.nextStarts.push('accepted', 'refused');
    batch.scripted.refusal.kind = 'payment';
    let staged: string | undefined;
    const onEvent = (event: RunEvent) => {
      if (event.type === 'job:state' && event.key === 'copy-1/de') staged ??= event.to;
      if (event.type !== 'lane:closed') return;
      expect(staged).toBeUndefined();
      setTimeout(() => batch.scripted.statuses.delete('prediction-1'), 200);
    };
    expect(await batch.run({ ...other.overrides, onEvent }, { ...other.plan, jobs, providers })).toMatchObject({
      exit: 0,
    });
    expect([bought(), other.starts.length]).toEqual([1, between.length]);
    expect(batch.snapshot().jobs.at(-1)).toMatchObject({ state: 'succeeded', attempts: [] });
  });

  it('take what is on disk or at the provider that they were to be made on, where it has no lane any more', async () => {
    const other = withSecondProvider(batch, ['ja']);
    const [{ choices } = { choices: [] }] = other.plan.jobs;
    const jobs = twins(3).jobs.map((each) => ({ ...each, choices }));
    const only = (key: string) => key === 'copy-0/de';
    await batch.run({ ...other.overrides, only }, { ...other.plan, jobs });
    const keys = other.overrides.keys.filter(({ provider }) => provider === 'globex');
    expect(await batch.run({ ...other.overrides, keys }, { ...other.plan, jobs })).toMatchObject({ exit: 0 });
    expect([bought(), other.starts.length]).toEqual([1, 0]);
  });

  it('stay to be bought when the run is stopped while they wait, and are served by the next', async () => {
    const stop = new AbortController();
    const onEvent: RunOptions['onEvent'] = (event) => {
      if (event.type === 'attempt:state' && event.to === 'accepted') stop.abort();
    };
    await batch.run({ stop: stop.signal, onEvent }, twins(3));
    expect(states()).toEqual(['processing', 'pending', 'pending']);
    expect(await batch.run({}, twins(3))).toMatchObject({ exit: 0 });
    expect(bought()).toBe(1);
  });

  it('are served where one alone is asked for, and the video that it is made of is saved too', async () => {
    const stop = new AbortController();
    const onEvent: RunOptions['onEvent'] = (event) => {
      if (event.type === 'attempt:state' && event.to === 'accepted') stop.abort();
    };
    await batch.run({ stop: stop.signal, onEvent }, twins(3));
    const only = (key: string) => key === 'copy-1/de';
    expect(await batch.run({ only }, twins(3))).toMatchObject({ why: 'finished', exit: 0 });
    expect(states()).toEqual(['succeeded', 'succeeded', 'pending']);
    expect(existsSync(job(0).output!)).toBe(true);
    expect(bought()).toBe(1);
  });

  it('are served where one alone is asked for, and a run was stopped before it had fetched the result', async () => {
    const stop = new AbortController();
    const onEvent: RunOptions['onEvent'] = (event) => {
      if (event.type === 'attempt:state' && event.to === 'completed') stop.abort();
    };
    batch.scripted.outputStatus.code = 503;
    await batch.run({ stop: stop.signal, onEvent }, twins(2));
    expect(states()).toEqual(['downloading', 'pending']);
    batch.scripted.outputStatus.code = 200;
    const only = (key: string) => key === 'copy-1/de';
    expect(await batch.run({ only }, twins(2))).toMatchObject({ why: 'finished', exit: 0 });
    expect(states()).toEqual(['succeeded', 'succeeded']);
    expect(bought()).toBe(1);
  });

  it('cost nothing where their files are copies of each other, and the budget has no room', async () => {
    const copy = join(batch.dir, 'copy.mp4');
    copyFileSync(join(MEDIA, 'welcome.mp4'), copy);
    const [first, second] = twins(2).jobs;
    const jobs = [first!, { ...second!, video: { kind: 'file', path: copy } as const }];
    expect(await batch.run({ maxMicros: 160_000 }, batch.plan([], { jobs }))).toMatchObject({
      why: 'finished',
      exit: 0,
    });
    expect(bought()).toBe(1);
  });
});
