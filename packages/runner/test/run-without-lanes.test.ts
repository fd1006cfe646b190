import { EXIT, type Plan } from '@localize/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de', 'fr']);
});
afterEach(() => batch.close());

/** Of a manifest none of whose files can be read: nothing needs a provider. */
function withoutRoutes(): Plan {
  const plan = batch.plan(['de', 'fr']);
  return { ...plan, jobs: plan.jobs.map((job) => ({ ...job, choices: [] })), providers: {} };
}

it('holds all jobs where none can be made, and says so', async () => {
  expect((await batch.run({ keys: [] }, withoutRoutes())).exit).toBe(EXIT.someFailed);
  expect(batch.snapshot().jobs).toMatchObject([
    { state: 'held', holdReason: 'no-route' },
    { state: 'held', holdReason: 'no-route' },
  ]);
});

it('leaves finished videos as they are where their files can be read no more', async () => {
  await batch.run();
  expect((await batch.run({ keys: [] }, withoutRoutes())).exit).toBe(EXIT.ok);
  expect(batch.snapshot().jobs).toMatchObject([{ state: 'succeeded' }, { state: 'succeeded' }]);
});
