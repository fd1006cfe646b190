import {
  type AssetSource,
  assetKey,
  type FingerprintParts,
  type PlannedJob,
  type RouteChoice,
  voiceSources,
} from '@localize/core';
import { isChangedSince } from '../content/file-stamp.js';
import { fingerprintParts } from '../content/fingerprint.js';
import { failureOf, type RunContext } from '../run-context.js';
import { StagingFailure } from './staging-failure.js';

/**
 * What the job is made from, if that is still what the plan looked at.
 * @throws StagingFailure
 */
export async function plannedParts(
  context: RunContext,
  planned: PlannedJob,
  choice: RouteChoice,
): Promise<FingerprintParts> {
  try {
    for (const source of sourcesOf(planned)) {
      if (await isChangedSince(source, context.contentIds.looks))
        throw new Error(`${assetKey(source)} changed after the plan was made`);
    }
    return await fingerprintParts(context.contentIds, planned, choice);
  } catch (error) {
    throw new StagingFailure(failureOf('storage', error), 'source-changed', true);
  }
}

/** Everything that a job is made from. */
export function sourcesOf({ video, voices, mask }: PlannedJob): AssetSource[] {
  return [video, ...voiceSources(voices), ...(mask === null ? [] : [mask])];
}
