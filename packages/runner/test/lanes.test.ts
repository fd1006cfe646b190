import { existsSync } from 'node:fs';
import { type Plan, secret } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LaneKey } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de', 'fr', 'ja', 'es', 'it', 'nl']);
});
afterEach(() => batch.close());

const key = (variable: string, account: string | null, value = variable): LaneKey => ({
  provider: 'acme',
  variable,
  account,
  key: secret(value),
});

function limited(creates: number, concurrent: number, perMs = 600): Plan {
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
