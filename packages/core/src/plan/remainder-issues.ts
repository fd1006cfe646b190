import type { ExpandedManifest } from '../manifest/expanded.js';
import type { ManifestIssue } from '../manifest/manifest-issue.js';
import { isOfFiles, type Remainder } from '../manifest/remainder.js';
import { buildPlan, type PlanOptions } from './build-plan.js';

/**
 * Mistakes that only show once a manifest is planned, of one that has others already: those that are certain all the same.
 * @param expanded what the remainder expands to
 */
export function remainderIssues(
  remainder: Remainder,
  expanded: ExpandedManifest,
  options: Omit<PlanOptions, 'letGo'>,
): ManifestIssue[] {
  const issuesOf = (videos: ExpandedManifest['videos']) =>
    buildPlan({ ...expanded, videos }, options).issues.filter(remainder.isCertain);
  const sound = expanded.videos.filter(({ place }) => remainder.isSound(place));
  // Jobs are counted among the sound alone; of the others there are still the files.
  return [...issuesOf(expanded.videos).filter(isOfFiles), ...issuesOf(sound).filter((issue) => !isOfFiles(issue))];
}
