import type { JobState } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal } from '../src/store/journal.js';
import { attempts } from '../src/store/schema/schema.js';
import type { Durability } from '../src/store/store.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

const FULL = 2;
const NORMAL = 1;

/** How SQLite syncs each commit of a run, by the move of the job that it holds. */
async function durabilityOfMoves(): Promise<Map<JobState, number>> {
  const seen = new Map<JobState, number>();
  const { transact } = batch.store;
  const store = Object.assign(Object.create(batch.store), {
    transact: <T>(work: () => T, durability?: Durability) =>
      transact(() => {
        const result = work();
        const synchronous = batch.store.sqlite.pragma('synchronous', { simple: true }) as number;
        const job = batch.store.sqlite.prepare('SELECT state FROM jobs').get() as { state: JobState } | undefined;
        if (job && !seen.has(job.state)) seen.set(job.state, synchronous);
        return result;
      }, durability),
  });
  expect((await batch.run({ store })).exit).toBe(0);
  return seen;
}

describe('what a power cut may take', () => {
  it('is never what guards money: the intent and the prediction’s id are on the disk when their commit returns', async () => {
    const synchronous = await durabilityOfMoves();
    expect(synchronous.get('submitting')).toBe(FULL);
    expect(synchronous.get('processing')).toBe(FULL);
    expect(synchronous.get('staging')).toBe(NORMAL);
    expect(synchronous.get('downloading')).toBe(NORMAL);
    expect(synchronous.get('succeeded')).toBe(NORMAL);
  });

  it('is refused by the journal for any move of an attempt that guards money', async () => {
    await batch.run();
    const journal = new Journal(
      batch.store,
      { nowMs: () => 0, wallMs: () => 0, after: () => () => undefined },
      null,
      () => undefined,
    );
    const [attempt] = batch.store.db.select().from(attempts).all();
    if (attempt === undefined) throw new Error('the run made no attempt');
    expect(() => journal.transact(() => journal.moveAttempt(attempt, 'lose'), 'kill')).toThrow(
      'must survive a power cut',
    );
    expect(batch.snapshot().jobs[0]?.attempts[0]?.state).toBe('completed');
  });
});
