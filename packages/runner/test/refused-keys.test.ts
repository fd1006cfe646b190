import type { StatusResult, WholePlan } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { acmeKey as key, refusingKeys } from '../testing/refusing-keys.js';
import { SkippingClock } from '../testing/skipping-clock.js';
import { stopOnceAccepted } from '../testing/stop-once-accepted.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de', 'fr', 'ja', 'es', 'it', 'nl']);
});
afterEach(() => batch.close());

function limited(creates: number, concurrent: number): WholePlan {
  const plan = batch.plan(['de', 'fr', 'ja', 'es', 'it', 'nl']);
  const acme = { ...plan.providers.acme!, limits: { creates, perMs: 600, concurrent } };
  return { ...plan, providers: { acme } };
}

const refusing = (refused: ReadonlySet<string>, outcome?: 'refused' | 'unsent') =>
  refusingKeys(batch, refused, outcome);
const BOTH = [key('KEY_A', 'main'), key('KEY_B', 'main')];
const closings = () => batch.events.filter((event) => event.type === 'lane:closed');
/** Keeps the run's events, and does that whenever a create is accepted. */
const onceAccepted = (then: () => void) => (event: RunEvent) => {
  batch.events.push(event);
  if (event.type === 'attempt:state' && event.to === 'accepted') then();
};
const PENDING: StatusResult = { state: 'pending', phase: 'running' };

describe('one refused key of an account of several', () => {
  it('is named once, and the others take its jobs and the polls of what it bought', async () => {
    const refused = new Set<string>();
    const { providers, asked } = refusing(refused);
    batch.scripted.statuses.set('prediction-1', PENDING);
    const onEvent = (event: RunEvent) => {
      batch.events.push(event);
      if (event.type === 'attempt:state' && event.to === 'accepted') refused.add('KEY_A');
      if (event.type === 'job:state' && event.to === 'succeeded') batch.scripted.statuses.clear();
    };
    const keys = [key('KEY_A', 'main'), key('KEY_B', 'main')];
    expect(await batch.run({ keys, providers, onEvent }, limited(6, 2))).toMatchObject({ exit: 0 });
    expect(closings()).toMatchObject([{ lane: 'KEY_A+KEY_B', key: 'KEY_A', why: 'auth: Unauthorized' }]);
    expect(batch.scripted.starts).toHaveLength(6);
    expect(asked.filter((each) => each.startsWith('poll prediction-1')).at(-1)).toBe('poll prediction-1 KEY_B');
    // Those that were out together when it was refused.
    expect(asked.filter((each) => each === 'create KEY_A 401').length).toBeLessThanOrEqual(2);
    expect(batch.snapshot().lanes).toMatchObject([
      { closed: null, refusedKeys: [{ variable: 'KEY_A', why: 'auth: Unauthorized' }] },
    ]);
  });

  it('closes the lane only when the last of them is refused too, and says which', async () => {
    const { providers, asked } = refusing(new Set(['KEY_A', 'KEY_B']));
    const keys = [key('KEY_A', 'main'), key('KEY_B', 'main')];
    expect(await batch.run({ keys, providers }, limited(6, 1))).toMatchObject({ exit: 1 });
    expect(asked).toEqual(['create KEY_A 401', 'create KEY_B 401']);
    expect(batch.snapshot().lanes).toMatchObject([{ closed: 'auth: KEY_A and KEY_B are refused: Unauthorized' }]);
    expect(batch.snapshot().jobs.map(({ holdReason }) => holdReason)).toEqual(Array(6).fill('lane-closed'));
  });

  it('has one more try before the lane closes, where a slip had put it aside', async () => {
    const refused = new Set<string>();
    const { providers } = refusing(refused);
    const onEvent = (event: RunEvent) => {
      batch.events.push(event);
      if (event.type === 'attempt:state' && event.to === 'accepted') {
        if (batch.scripted.starts.length === 1) refused.add('KEY_A');
        if (batch.scripted.starts.length === 2) refused.add('KEY_B');
      }
      if (event.type === 'lane:closed' && event.key === 'KEY_A') refused.delete('KEY_A');
    };
    const run = { keys: BOTH, providers, onEvent, clock: new SkippingClock(Date.now()) };
    expect(await batch.run(run, limited(6, 1))).toMatchObject({ exit: 0 });
    expect(closings()).toMatchObject([{ key: 'KEY_A' }, { key: 'KEY_B' }]);
    expect(batch.scripted.starts).toHaveLength(6);
    expect(batch.snapshot().lanes).toMatchObject([{ closed: null, refusedKeys: [{ variable: 'KEY_B' }] }]);
  });

  it('has that try with one create and no more, and the lane closes if it is refused again', async () => {
    const refused = new Set(['KEY_A']);
    const { providers, asked } = refusing(refused);
    const onEvent = onceAccepted(() => refused.add('KEY_B'));
    const run = { keys: BOTH, providers, onEvent, clock: new SkippingClock(Date.now()) };
    expect(await batch.run(run, limited(6, 3))).toMatchObject({ exit: 1 });
    const creates = asked.filter((each) => each.startsWith('create'));
    expect(creates.slice(creates.lastIndexOf('create KEY_B 401') + 1)).toEqual(['create KEY_A 401']);
    expect(batch.snapshot().lanes).toMatchObject([{ closed: 'auth: KEY_A and KEY_B are refused: Unauthorized' }]);
  });

  it('is asked with at once where a create had put it aside and the key that has worked since is refused too', async () => {
    const refused = new Set(['KEY_A']);
    const { providers, asked } = refusing(refused);
    const onEvent = onceAccepted(() => {
      if (batch.scripted.starts.length > 1) return;
      refused.clear();
      refused.add('KEY_B');
    });
    const run = { keys: BOTH, providers, onEvent, clock: new SkippingClock(Date.now()) };
    expect(await batch.run(run, limited(6, 1))).toMatchObject({ exit: 0 });
    const looks = asked.filter((each) => each.startsWith('poll prediction-1'));
    expect(looks).toEqual(['poll prediction-1 KEY_B 401', 'poll prediction-1 KEY_A']);
    expect(asked.filter((each) => each.startsWith('create') && each.endsWith('401'))).toEqual(['create KEY_A 401']);
  });

  it('is asked with no more than now and then where it is refused still', async () => {
    const refused = new Set(['KEY_A']);
    const { providers, asked } = refusing(refused);
    const onEvent = onceAccepted(() => refused.add('KEY_B'));
    const run = { keys: BOTH, providers, onEvent, clock: new SkippingClock(Date.now()) };
    expect(await batch.run(run, limited(6, 1))).toMatchObject({ exit: 1 });
    expect(asked.filter((each) => each.startsWith('poll') && each.includes('KEY_A')).length).toBeLessThan(
      asked.filter((each) => each.startsWith('poll') && each.includes('KEY_B')).length,
    );
    expect(batch.snapshot().lanes).toMatchObject([{ closed: 'auth: KEY_A and KEY_B are refused: Unauthorized' }]);
  });

  it('is asked with again after a while, and nobody is sent to mend one that is answered', async () => {
    const refused = new Set<string>();
    const { providers, asked } = refusing(refused);
    const clock = new SkippingClock(Date.now());
    batch.scripted.statuses.set('prediction-1', PENDING);
    const onEvent = (event: RunEvent) => {
      batch.events.push(event);
      if (event.type === 'attempt:state' && event.to === 'accepted') refused.add('KEY_A');
      if (event.type !== 'lane:closed') return;
      refused.clear();
      clock.after(12_000, () => batch.scripted.statuses.clear());
    };
    expect(await batch.run({ keys: BOTH, providers, onEvent, clock }, batch.plan(['de']))).toMatchObject({ exit: 0 });
    expect(asked).toContain('poll prediction-1 KEY_A 401');
    expect(asked.at(-1)).toBe('poll prediction-1 KEY_A');
    const [lane] = batch.snapshot().lanes;
    expect(lane).toMatchObject({ closed: null });
    expect(lane).not.toHaveProperty('refusedKeys');
  });

  it('is put aside too when it is such that no request can carry it', async () => {
    const { providers, asked } = refusing(new Set(['KEY_A']), 'unsent');
    const keys = [key('KEY_A', 'main'), key('KEY_B', 'main')];
    expect(await batch.run({ keys, providers }, limited(6, 1))).toMatchObject({ exit: 0 });
    expect(asked.filter((each) => each.endsWith('401'))).toEqual(['create KEY_A 401']);
    expect(closings()).toMatchObject([{ key: 'KEY_A' }]);
  });

  it('does not make a prediction vanish that the other key does not know', async () => {
    const { providers } = refusing(new Set());
    batch.scripted.statuses.set('prediction-1', PENDING);
    await batch.run({ keys: [key('KEY_A', 'main')], providers, ...stopOnceAccepted() }, batch.plan(['de']));
    const failure = { kind: 'invalid-input' as const, message: 'no such prediction' };
    batch.scripted.statuses.set('prediction-1', { state: 'vanished', failure });
    const clock = new SkippingClock(Date.now());
    const keys = [key('KEY_A', 'main'), key('KEY_B', 'main')];
    const other = refusing(new Set(['KEY_A']));
    await batch.run({ keys, providers: other.providers, clock }, batch.plan(['de']));
    expect(batch.snapshot().jobs[0]).toMatchObject({
      holdReason: 'key-missing',
      reason: expect.stringContaining('KEY_B did not buy it and does not know it'),
    });
  });
});

describe('a key that is refused when predictions are looked at', () => {
  it('is said once, closes its lane for creates, and is named when the predictions are overdue', async () => {
    const refused = new Set<string>();
    const { providers } = refusing(refused);
    batch.scripted.statuses.set('prediction-1', PENDING);
    const onEvent = (event: RunEvent) => {
      batch.events.push(event);
      if (event.type === 'attempt:state' && event.to === 'accepted') refused.add('KEY_A');
    };
    const run = { keys: [key('KEY_A', null)], providers, onEvent, clock: new SkippingClock(Date.now()) };
    expect(await batch.run(run, limited(6, 1))).toMatchObject({ exit: 1 });
    expect(closings()).toMatchObject([{ lane: 'KEY_A', why: 'auth: Unauthorized' }]);
    const [first, ...rest] = batch.snapshot().jobs;
    expect(first).toMatchObject({
      holdReason: 'key-missing',
      reason: expect.stringContaining('KEY_A is refused: Unauthorized'),
    });
    expect(new Set(rest.map(({ holdReason }) => holdReason))).toEqual(new Set(['lane-closed']));
    expect(batch.scripted.starts).toHaveLength(1);
    refused.clear();
    batch.scripted.statuses.clear();
    expect(await batch.run({ ...run, onEvent: () => undefined }, limited(6, 1))).toMatchObject({ exit: 0 });
    expect(batch.scripted.starts).toHaveLength(6);
  });

  it('is used again in the same run once a look is answered', async () => {
    const refused = new Set<string>();
    const { providers } = refusing(refused);
    batch.scripted.statuses.set('prediction-1', PENDING);
    const onEvent = (event: RunEvent) => {
      batch.events.push(event);
      if (event.type === 'attempt:state' && event.to === 'accepted' && batch.scripted.starts.length === 1) {
        refused.add('KEY_A');
      }
      if (event.type !== 'lane:closed') return;
      refused.clear();
      batch.scripted.statuses.clear();
    };
    const run = { keys: [key('KEY_A', null)], providers, onEvent, clock: new SkippingClock(Date.now()) };
    expect(await batch.run(run, limited(6, 1))).toMatchObject({ exit: 0 });
    expect(closings()).toHaveLength(1);
    expect(batch.snapshot().lanes).toMatchObject([{ closed: null }]);
  });
});
