import { expect, it, onTestFinished } from 'vitest';
import { importMarks, redoOutlook } from '../src/index.js';
import { batchFixture } from '../testing/batch-fixture.js';

it('tells a redo that was asked for after the plan was made as one that waits, with its price', async () => {
  const batch = await batchFixture(['de']);
  onTestFinished(() => batch.close());
  await batch.run();
  const plan = batch.plan(['de']);
  const { key, outputSha256 } = batch.job();
  const mark = { reviewer: 'Ana', verdict: 'redo', route: null, note: '', atMs: 1000 } as const;
  importMarks(batch.store, 'spring', [{ ...mark, key, sha256: outputSha256! }], 5000);
  const { redo } = redoOutlook(batch.store, plan)(batch.job());
  expect(redo).toEqual({ route: 'acme/lips', seed: expect.any(Number), waits: true, estimateMicros: 150_000 });

  // A manifest that says otherwise of provider and seed since is the newer word.
  batch.store.sqlite.exec(`UPDATE redos SET preference = 'as it was'`);
  batch.store.sqlite.exec(`UPDATE jobs SET planned = json_set(planned, '$.preference', 'as it was')`);
  const edited = { ...plan, jobs: plan.jobs.map((each) => ({ ...each, preference: 'otherwise' })) };
  expect(redoOutlook(batch.store, edited)(batch.job()).redo).toMatchObject({ waits: false, overtaken: true });
});
