import { type ExpandedManifest, type ExpandedVideo, wholeTrack, wholeVideo } from '../manifest/expanded.js';
import type { ManifestIssue } from '../manifest/manifest-issue.js';
import type { Catalogue } from '../provider/route.js';
import type { MediaByAsset } from './media-facts.js';
import type { Plan, PlannedJob, PlannedJobs } from './plan.js';
import { JobList, type JobSink } from './planned-jobs.js';
import { Planner } from './planner.js';
import type { Redo } from './redo.js';

export interface PlanOptions {
  readonly catalogue: Catalogue;
  readonly media: MediaByAsset;
  /** Runs on the emulator, whose bucket takes every local file; `emulate: true` in the manifest says the same. */
  readonly emulate?: boolean;
  /** What reviewers wanted made differently, by job key, oldest first. */
  readonly redos?: ReadonlyMap<string, readonly Redo[]>;
  /** The caller has no more use for the videos: each is let go when its jobs are planned, so that not both are in memory. */
  readonly letGo?: boolean;
}

export interface BuiltPlan<Jobs extends PlannedJobs = readonly PlannedJob[]> {
  /**
   * Complete even when there are issues, for callers that go on without the broken jobs: a job whose file is missing
   * or that no route makes is in it without choices.
   */
  readonly plan: Plan & { readonly jobs: Jobs };
  /** Mistakes, those of expanding included: the batch should not run as it is. */
  readonly issues: readonly ManifestIssue[];
  /** Worth saying, stop nothing. `plan.warnings` has their texts too. */
  readonly warnings: readonly ManifestIssue[];
}

/** Videos x tracks -> jobs with their routes, inputs and estimates. */
export function buildPlan(expanded: ExpandedManifest, options: PlanOptions): BuiltPlan {
  return planInto(new JobList(), expanded, options);
}

/** The same for those who do not want all jobs in memory. */
export function planInto<Jobs extends PlannedJobs>(
  sink: JobSink<Jobs>,
  expanded: ExpandedManifest,
  options: PlanOptions,
): BuiltPlan<Jobs> {
  const planner = new Planner(expanded, options, sink);
  const videos = options.letGo ? lettingGo(expanded) : expanded.videos;
  for (const kept of videos) {
    const video = wholeVideo(kept);
    for (const track of video.tracks) planner.add(video, wholeTrack(track));
  }
  return planner.finish();
}

function* lettingGo(expanded: ExpandedManifest): Generator<ExpandedVideo> {
  const videos = expanded.videos as ExpandedVideo[];
  videos.reverse();
  for (let video = videos.pop(); video !== undefined; video = videos.pop()) yield video;
}
