import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal } from '../src/store/journal.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

const clock = { nowMs: () => 0, wallMs: () => 0, after: () => () => undefined };

function written(): string[] {
  const rows = batch.store.sqlite.prepare('SELECT kind FROM history ORDER BY id').all() as { kind: string }[];
  return rows.map(({ kind }) => kind);
}

describe('notes that wait for the next commit', () => {
  it('outlive one that is rolled back', () => {
    const journal = new Journal(batch.store, clock, null, () => undefined);
    journal.note('first', { data: null });
    const fails = () =>
      journal.transact(() => {
        journal.note('second', { data: null });
        throw new Error('full disk');
      });
    expect(fails).toThrow('full disk');
    expect(written()).toEqual([]);
    journal.transact(() => undefined);
    expect(written()).toEqual(['first', 'second']);
  });

  it('are written once, and one that comes within a commit goes with the next', () => {
    const journal = new Journal(batch.store, clock, null, () => undefined);
    journal.note('before', { data: null });
    journal.transact(() => journal.note('within', { data: null }));
    expect(written()).toEqual(['before']);
    journal.close();
    expect(written()).toEqual(['before', 'within']);
  });
});
