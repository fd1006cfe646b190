import { join } from 'node:path';
import type { Provider } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type LaneQuery, openStore, type RunEvent, readLanes, readSnapshot } from '../src/index.js';
import { type BatchFixture, batchFixture, withPrompt } from '../testing/batch-fixture.js';
import { leaveOpenIn, oneSlotPlan } from '../testing/one-slot-batches.js';
import { SkippingClock } from '../testing/skipping-clock.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture();
});
afterEach(() => batch.close());

const planOf = (name: string, languages: readonly string[]) => oneSlotPlan(batch, name, languages);
const leaveOpen = (name: string, clock: SkippingClock) => leaveOpenIn(batch, name, clock);

describe('a run beside an interrupted batch', () => {
  it('polls its prediction for the slot, writes down what became of it, and tells of its own jobs only', async () => {
    const clock = new SkippingClock();
    await leaveOpen('winter', clock);
    const { events, scripted } = batch;
    events.length = 0;
    scripted.statuses.delete('prediction-1');
    await batch.run({ clock }, planOf('summer', ['fr']));

    const told = events.flatMap((event) =>
      event.type === 'job:state' || event.type === 'attempt:state' ? [event.key] : [],
    );
    expect(new Set(told)).toEqual(new Set(['keynote/fr']));
    const other = batch.store.sqlite
      .prepare(
        `SELECT j.state AS job, a.state AS attempt,
           (SELECT count(*) FROM history h WHERE h.attempt_id = a.id AND json_extract(h.data, '$.to') = 'completed') AS noted
         FROM jobs j JOIN attempts a ON a.id = j.attempt_id JOIN batches b ON b.id = j.batch_id WHERE b.name = 'winter'`,
      )
      .get();
    expect(other).toEqual({ job: 'downloading', attempt: 'completed', noted: 1 });
  });

  it('leaves the place that was taken in the snapshot of the batch that waited, and in no other', async () => {
    const clock = new SkippingClock();
    await leaveOpen('winter', clock);
    batch.scripted.statuses.delete('prediction-1');
    await batch.run({ clock }, planOf('summer', ['fr']));
    const about = { manifest: 'manifest.yaml', emulated: false, nowMs: clock.nowMs() };
    const places = (name: string) => readSnapshot(batch.store, { ...about, batch: name })?.lanes[0]?.elsewhere;
    expect(places('summer')).toHaveLength(1);
    const [fromMs = 0, slotEndMs = 0, windowEndMs = 0] = places('summer')?.[0] ?? [];
    expect(slotEndMs).toBeGreaterThan(fromMs);
    expect(windowEndMs - fromMs).toBeGreaterThanOrEqual(60_000);
    expect(places('winter')).toBeUndefined();
  });

  it('names the batch of a request that is not about its own jobs', async () => {
    const clock = new SkippingClock();
    await leaveOpen('winter', clock);
    const { events, scripted } = batch;
    events.length = 0;
    scripted.statuses.delete('prediction-1');
    const record = { method: 'GET', url: 'https://api.acme.example/1', status: 200, ms: 1, requestId: null, body: '' };
    const { provider } = scripted;
    const logging: Provider = {
      ...provider,
      status: (route, reference, call) => {
        call.onExchange?.(record);
        return provider.status(route, reference, call);
      },
    };
    await batch.run({ clock, providers: new Map([['acme', logging]]) }, planOf('summer', ['fr']));
    const requests = events.filter((event): event is Extract<RunEvent, { type: 'exchange' }> => {
      return event.type === 'exchange' && event.url === record.url;
    });
    expect(new Set(requests.map(({ key, batch: other }) => `${other ?? 'own'} ${key}`))).toEqual(
      new Set(['winter keynote/de', 'own keynote/fr']),
    );
  });
});

describe('a run that takes over an interrupted batch while another run asks for its prediction', () => {
  it('goes on from what the other has seen and written first', async () => {
    const clock = new SkippingClock();
    await leaveOpen('winter', clock);
    batch.scripted.statuses.delete('prediction-1');
    const store = openStore(batch.store.path);
    onTestFinished(() => store.close());
    // Each asks before any of the two has written, and the other's answer is written first.
    const asks = { owner: signal(), other: signal() };
    const otherWrote = signal();
    const providersOf = (asked: Signal, answerAfter: Promise<void>) => {
      const { provider } = batch.scripted;
      const status: Provider['status'] = async (...call) => {
        if (call[1].id === 'prediction-1') asked.give();
        if (call[1].id === 'prediction-1') await answerAfter;
        return provider.status(...call);
      };
      return new Map([['acme', { ...provider, status }]]);
    };
    const onEvent = (event: RunEvent) => {
      if (event.type === 'job:state' && event.key === 'keynote/fr' && event.to === 'succeeded') otherWrote.give();
    };
    const other = batch.run(
      {
        clock,
        onEvent,
        manifestPath: join(batch.dir, 'summer.yaml'),
        providers: providersOf(asks.other, asks.owner.given),
      },
      planOf('summer', ['fr']),
    );
    await asks.other.given;
    const owner = batch.run(
      { clock, store, providers: providersOf(asks.owner, otherWrote.given) },
      planOf('winter', ['de']),
    );
    expect((await Promise.all([other, owner])).map(({ exit }) => exit)).toEqual([0, 0]);
    expect(batch.scripted.starts).toHaveLength(2);
  });
});

interface Signal {
  readonly given: Promise<void>;
  readonly give: () => void;
}

function signal(): Signal {
  let give: () => void = () => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give };
}

describe('a run of some jobs beside open predictions of the others', () => {
  it('polls these for their slot, saves what is paid for, and tells of its own jobs only', async () => {
    const clock = new SkippingClock();
    await leaveOpen('spring', clock);
    const { events, scripted } = batch;
    events.length = 0;
    const startedAt = clock.nowMs();
    scripted.statuses.delete('prediction-1');
    const { exit } = await batch.run({ clock, only: (key) => key === 'keynote/fr' }, planOf('spring', ['de', 'fr']));
    expect(exit).toBe(0);
    // The slot is free as soon as its prediction is seen to have ended, long before the route's timeout.
    expect(clock.nowMs() - startedAt).toBeLessThan(30_000);
    expect(batch.snapshot().jobs.map(({ key, state }) => [key, state])).toEqual([
      ['keynote/de', 'succeeded'],
      ['keynote/fr', 'succeeded'],
    ]);
    // The log has every request.
    const told = events.flatMap((event) => ('key' in event && event.type !== 'exchange' ? [event.key] : []));
    expect(new Set(told)).toEqual(new Set(['keynote/fr']));
  });
});

it('fetches what was not selected, and makes none of it again', async () => {
  const clock = new SkippingClock();
  await leaveOpen('spring', clock);
  batch.scripted.statuses.delete('prediction-1');
  const plan = planOf('spring', ['de', 'fr']);
  const only = (key: string) => key === 'keynote/fr';
  expect((await batch.run({ clock, only, remake: true }, withPrompt(plan, 'new words'))).exit).toBe(0);
  expect(batch.scripted.starts).toHaveLength(2);
});

it('tells at its start what an earlier run has left on its way', async () => {
  const clock = new SkippingClock();
  await leaveOpen('spring', clock);
  const { events, scripted } = batch;
  events.length = 0;
  scripted.statuses.delete('prediction-1');
  await batch.run({ clock }, planOf('spring', ['de', 'fr']));
  const started = events.find(({ type }) => type === 'run:started');
  expect(started).toMatchObject({ underWay: [{ key: 'keynote/de', state: 'processing', provider: 'acme' }] });
});

describe('lanes of a run that has selected some jobs', () => {
  it('count only those as waiting', async () => {
    const clock = new SkippingClock();
    const plan = planOf('spring', ['de', 'fr', 'ja', 'pt']);
    const waiting: number[][] = [];
    const look = (query: Partial<LaneQuery>) =>
      readLanes(batch.store, { nowMs: clock.nowMs(), batch: 'spring', ...query })[0]?.waitingJobs ?? -1;
    await batch.run(
      {
        clock,
        only: (key) => key !== 'keynote/ja' && key !== 'keynote/pt',
        onEvent: ({ type }) => {
          if (type === 'run:started' || type === 'run:ended') waiting.push([look({ selected: true }), look({})]);
        },
      },
      plan,
    );
    expect(waiting).toEqual([
      [2, 4],
      [0, 2],
    ]);
  });
});
