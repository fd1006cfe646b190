import {
  type AssetSource,
  assetKey,
  type FingerprintParts,
  type PlannedJob,
  type RouteChoice,
  voiceSources,
} from '@localize/core';
import { failureOf, type RunContext } from '../run-context.js';
import { StagingFailure } from '../step/staging-failure.js';
import { fingerprintParts } from './fingerprint.js';

export interface PlannedParts {
  readonly parts: FingerprintParts;
  /** Everything that the job is made from, as it was seen right before it was hashed. */
  readonly sources: readonly AssetSource[];
}

/**
 * What the job is made from, if that is still what the plan looked at.
 * @throws StagingFailure
 */
export async function plannedParts(
  context: RunContext,
  planned: PlannedJob,
  choice: RouteChoice,
): Promise<PlannedParts> {
  const { contentIds } = context;
  try {
    const sources: AssetSource[] = [];
    for (const source of sourcesOf(planned)) {
      const seen = await contentIds.asPlanned(source);
      if (seen === null) throw new Error(`${assetKey(source)} changed after the plan was made`);
      sources.push(seen);
    }
    return { parts: await fingerprintParts(contentIds, planned, choice), sources };
  } catch (error) {
    throw new StagingFailure(failureOf('storage', error), 'source-changed', true);
  }
}

/** Everything that a job is made from. */
export function sourcesOf({ video, voices, mask }: PlannedJob): AssetSource[] {
  return [video, ...voiceSources(voices), ...(mask === null ? [] : [mask])];
}
