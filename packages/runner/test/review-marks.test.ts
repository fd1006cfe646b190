import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GivenMark, importMarks } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
  await batch.run();
});
afterEach(() => batch.close());

const job = () => batch.snapshot().jobs[0]!;

function mark(over: Partial<GivenMark> = {}): GivenMark {
  const sha256 = job().outputSha256!;
  return { key: job().key, sha256, reviewer: 'Ana', verdict: 'approve', route: null, note: '', atMs: 1000, ...over };
}

const take = (...marks: GivenMark[]) => importMarks(batch.store, 'spring', marks).map(({ outcome }) => outcome);

/** The same batch with another prompt: a re-make is due. */
function edited() {
  const plan = batch.plan(['de']);
  const choices = plan.jobs[0]!.choices.map((choice) => ({
    ...choice,
    input: { ...choice.input, prompt: 'new words' },
  }));
  return { ...plan, jobs: [{ ...plan.jobs[0]!, choices }] };
}

describe('marks of reviewers', () => {
  it('are applied to the very bytes that were looked at, and to no others', () => {
    const outcomes = take(mark(), mark({ sha256: 'b'.repeat(64), reviewer: 'Ben' }), mark({ key: 'keynote/xx' }));
    expect(outcomes).toEqual(['applied', 'other-bytes', 'unknown-job']);
    expect(job().marks).toEqual([{ reviewer: 'Ana', verdict: 'approve', route: null, note: '', atMs: 1000 }]);
  });

  it('of one reviewer replace each other by their time, whatever the order of the files', () => {
    expect(take(mark({ atMs: 2000, verdict: 'redo' }), mark(), mark({ atMs: 2000, verdict: 'redo' }))).toEqual([
      'applied',
      'kept',
      'known',
    ]);
    expect(job().marks).toMatchObject([{ verdict: 'redo', atMs: 2000 }]);
  });

  it('keep no control character of what a reviewer wrote', () => {
    take(mark({ reviewer: 'A\u001b[31mna', note: 'too\nearly' }));
    expect(job().marks).toMatchObject([{ reviewer: 'A [31mna', note: 'too early' }]);
  });

  it('keep an approved output from a re-make until the user includes it', async () => {
    take(mark(), mark({ reviewer: 'Ben', verdict: 'redo' }));
    await batch.run({ remake: true }, edited());
    expect(batch.scripted.starts).toHaveLength(1);
    expect(batch.events).toContainEqual(expect.objectContaining({ type: 'job:changed', approved: true }));
    await batch.run({ remake: true, includeApproved: true }, edited());
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('do not keep an output from a re-make that nobody approved', async () => {
    take(mark({ verdict: 'redo' }));
    await batch.run({ remake: true }, edited());
    expect(batch.scripted.starts).toHaveLength(2);
  });
});
