import type { Plan, PlannedJob } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BatchJobs } from '../src/index.js';
import { KnownFree } from '../src/store/money/known-free.js';
import { type BatchFixture, batchFixture, plannedJob } from '../testing/batch-fixture.js';

const BATCH_ID = 1;

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture();
});
afterEach(() => batch.close());

/** Takes of one track, which differ in their seeds alone. */
function takes(...seeds: readonly number[]): PlannedJob[] {
  return seeds.map((seed, index) => ({
    ...plannedJob('de', index),
    key: `take-${index}/de`,
    output: `take-${index}.de.mp4`,
    choices: plannedJob('de', index).choices.map((choice) => ({ ...choice, input: { ...choice.input, seed } })),
  }));
}

const planOf = (jobs: readonly PlannedJob[]): Plan => ({ ...batch.plan([]), jobs: BatchJobs.planned(jobs) });
const known = (jobs: readonly PlannedJob[]) => new KnownFree(batch.store, planOf(jobs), BATCH_ID);

describe('what is known to be free', () => {
  it('tells takes apart by their seeds, and those of one seed to be the same', () => {
    const [first, second, third] = takes(1, 2, 2) as [PlannedJob, PlannedJob, PlannedJob];
    expect(known([first, second]).mayRepeat).toBe(false);
    expect(known([first, second, third]).mayRepeat).toBe(true);
    expect(known([first, second]).twinsAmong([first, second])).toEqual(new Map());
    expect(known([first, second, third]).twinsAmong([first, second, third])).toEqual(
      new Map([['take-2/de', 'take-1/de']]),
    );
  });

  it('is what was made for a job before it was edited, also when the state has that plan already', async () => {
    await batch.run({ only: (key) => key === 'take-0/de' }, planOf(takes(1, 2)));
    const edited = planOf(takes(3, 1));
    await batch.run({ only: () => false }, edited);
    expect(edited.jobs).toHaveProperty('isInState', true);
    const free = new KnownFree(batch.store, edited, BATCH_ID);
    expect([...edited.jobs].map((job) => free.isMade(job))).toEqual([false, true]);
    await batch.run({ only: (key) => key === 'take-1/de' }, edited);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(batch.job(1)).toMatchObject({ key: 'take-1/de', state: 'succeeded' });
  });
});
