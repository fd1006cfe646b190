import type { Plan } from '@localize/core';
import type { BatchFixture } from './batch-fixture.js';

/** Runs a batch whose next create is bought while its reply is lost. */
export async function loseReply(batch: BatchFixture, plan?: Plan): Promise<void> {
  batch.scripted.nextStarts.push('uncertain');
  await batch.run({}, plan);
}
