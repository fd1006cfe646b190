import { join } from 'node:path';
import type { Catalogue, Provider, Route, WholePlan } from '@localize/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bootClock, foreseeRun, retry } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { scriptedRoute } from '../testing/scripted-provider.js';

/** What is said before something is bought that was paid for under another name, and came to no usable video. */

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

/** Every prediction fails, and the route says that of a failure's cost. */
function failing(charged: Route['failedPrediction']['charged']) {
  const failure = { kind: 'provider', message: 'the GPU fell over', retryable: false } as const;
  const status: Provider['status'] = async () => ({ state: 'failed', failure, canceled: false, costMicros: null });
  const route = { ...scriptedRoute, failedPrediction: { ...scriptedRoute.failedPrediction, charged } };
  const catalogue: Catalogue = { ...batch.scripted.catalogue, routes: [route] };
  return { catalogue, providers: new Map([['acme', { ...batch.scripted.provider, status }]]), random: () => 0 };
}

function renamedVideo(plan: WholePlan): WholePlan {
  const names = { key: 'intro/de', videoId: 'intro', output: 'intro/intro.de.mp4' };
  return { ...plan, jobs: [...plan.jobs].map((job) => ({ ...job, ...names })) };
}

async function saidOf(plan: WholePlan): Promise<string | null> {
  const manifestPath = join(batch.dir, 'manifest.yaml');
  const { boughtAgain, notes } = await foreseeRun(batch.store, plan, {
    caps: [],
    wanted: () => true,
    manifestPath,
    nowMs: 0,
  });
  if (boughtAgain !== null) expect(notes).toContain(boughtAgain);
  return boughtAgain;
}

it('names the job and the amount of what failed and may have been charged, where its batch or its video was renamed', async () => {
  await batch.run(failing('unknown'));
  expect(await saidOf(batch.plan(['de']))).toBeNull();
  const renamed = renamedVideo(batch.plan(['de']));
  expect(await saidOf(renamed)).toMatch(/ bought again: intro\/de \(as keynote\/de \$0\.15, failed\); /);
  const summer = batch.plan(['de'], { batch: 'summer' });
  expect(await saidOf(summer)).toMatch(
    / bought again: keynote\/de \(as keynote\/de of batch spring \$0\.15, failed\); /,
  );
  await batch.run(failing('unknown'), renamed);
  // It was said before it was bought: what is said of it from then on is said of its own attempt.
  const action = { store: batch.store, batch: 'spring', clock: bootClock(batch.store), host: 'test' };
  await retry(action, { only: (key) => key === 'intro/de', uncertain: false });
  expect(await saidOf(renamed)).toBeNull();
});

it('says nothing of what was not charged, or is made of something else', async () => {
  await batch.run(failing('no'));
  expect(await saidOf(batch.plan(['de'], { batch: 'summer' }))).toBeNull();
  await batch.run(failing('unknown'), batch.plan(['fr'], { batch: 'winter' }));
  expect(await saidOf(renamedVideo(batch.plan(['de'], { batch: 'summer' })))).toBeNull();
});
