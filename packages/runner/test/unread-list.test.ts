import { type FindResult, formatSeconds, type WholePlan } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunOptions } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { SkippingClock } from '../testing/skipping-clock.js';

const LAG_MS = 60_000;
const PATIENCE_MS = 2 * LAG_MS;
const DOWN: FindResult = { state: 'unanswered', failure: { kind: 'provider', message: 'HTTP 500' } };

let batch: BatchFixture;
let clock: SkippingClock;
/** When the list was read, since the first create. */
let looks: number[];
let begunMs: number;
beforeEach(async () => {
  batch = await batchFixture(['de']);
  clock = new SkippingClock();
  begunMs = clock.nowMs();
  looks = [];
  batch.scripted.found.result = DOWN;
});
afterEach(() => batch.close());

const told = () => batch.events.flatMap((event) => (event.type === 'problem' ? [event.message] : []));

/** @param answer to the n-th look of this run at the list */
function run(
  onUncertain: WholePlan['onUncertain'],
  answer: (nth: number) => FindResult = () => batch.scripted.found.result,
  overrides: Partial<RunOptions> = {},
) {
  const { catalogue, provider } = batch.scripted;
  const providers = catalogue.providers.map((facts) => ({ ...facts, listingLagMs: LAG_MS }));
  let nth = 0;
  const find: typeof provider.find = async () => {
    looks.push(clock.nowMs() - begunMs);
    nth += 1;
    return answer(nth);
  };
  const options = {
    clock,
    catalogue: { ...catalogue, providers },
    providers: new Map([['acme', { ...provider, find }]]),
    outageBackoff: { firstMs: 10, maximumMs: 10 },
    ...overrides,
  };
  return batch.run(options, batch.plan(['de'], { onUncertain }));
}

/** Ends the run once it has looked so often. */
function stopAfter(nth: number, onUncertain: WholePlan['onUncertain']) {
  const stop = new AbortController();
  const answer = (look: number) => {
    if (look === nth) stop.abort();
    return DOWN;
  };
  return run(onUncertain, answer, { stop: stop.signal });
}

describe('a lost create whose provider’s list cannot be read', () => {
  const WAITS = `a run that has not found it ${formatSeconds(PATIENCE_MS)} after that buys it again (on_uncertain: resubmit)`;
  const UNREAD = 'the list of acme, in which it is looked for, cannot be read: HTTP 500';

  it('resubmit: is bought again once that was so for twice the list’s lag, at most twice a job', async () => {
    batch.scripted.nextStarts.push('uncertain', 'uncertain', 'uncertain');
    expect((await run('resubmit')).exit).toBe(1);
    expect(batch.scripted.starts).toHaveLength(3);
    expect(looks.filter((atMs) => atMs > LAG_MS && atMs <= PATIENCE_MS).length).toBeGreaterThan(1);
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'uncertain' });
    expect(batch.job().reason).not.toContain('buys it again');
  });

  it('resubmit: says what it waits for and until when, in the run’s words and in the job’s reason', async () => {
    batch.scripted.nextStarts.push('uncertain');
    await stopAfter(2, 'resubmit');
    expect(told()).toContain(`${UNREAD}; ${WAITS}`);
    expect(batch.job()).toMatchObject({
      state: 'held',
      reason: expect.stringContaining(`the reply was lost; ${UNREAD}; ${WAITS} ($0.15 at risk)`),
    });
    expect((await run('resubmit')).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('resubmit: says so also where the list can be read and does not show it yet', async () => {
    batch.scripted.nextStarts.push('uncertain');
    batch.scripted.found.result = { state: 'listed', candidates: [] };
    const stop = new AbortController();
    const answer = (nth: number) => {
      if (nth === 2) stop.abort();
      return batch.scripted.found.result;
    };
    await run('resubmit', answer, { stop: stop.signal });
    expect(batch.job().reason).toContain(`the reply was lost; ${WAITS} ($0.15 at risk)`);
  });

  it('resubmit: is not bought again by a later run for one look that fails', async () => {
    batch.scripted.nextStarts.push('uncertain');
    await stopAfter(1, 'resubmit');
    clock.after(10 * PATIENCE_MS, () => undefined);
    while (clock.nowMs() < begunMs + 10 * PATIENCE_MS) await new Promise((resolve) => setTimeout(resolve, 5));
    const mine = { predictionId: 'prediction-1', reference: { id: 'prediction-1' }, createdAtMs: begunMs };
    const found = { ...mine, isTimely: true, inputs: 'same', status: 'done' } as const;
    const back: FindResult = { state: 'listed', candidates: [found] };
    expect((await run('resubmit', (nth) => (nth === 1 ? DOWN : back))).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it.each(['hold', 'absent'] as const)('%s: is not bought again, and its reason says that', async (word) => {
    batch.scripted.nextStarts.push('uncertain');
    expect((await run(word)).exit).toBe(1);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(told()).toContain(UNREAD);
    expect(batch.job().reason).toContain(`the reply was lost; ${UNREAD} ($0.15 at risk)`);
  });
});
