import {
  type ExpandedManifest,
  type ExpandedTrack,
  type ExpandedVideo,
  wholeTrack,
  wholeVideo,
} from '../manifest/expanded.js';
import type { ManifestIssue } from '../manifest/manifest-issue.js';
import type { Catalogue, ProviderId, RouteId } from '../provider/route.js';
import { createCapCheck } from './budget-settings.js';
import { type Choice, chooseRoutes } from './choose-routes.js';
import { type EffectiveSettings, effectiveSettings } from './effective-settings.js';
import { voiceSources } from './fingerprint.js';
import { jobMedia } from './job-media.js';
import type { MediaByAsset } from './media-facts.js';
import { misstatedVoices } from './misstated-voices.js';
import { createNoRouteList } from './no-route.js';
import { DEFAULT_OUTPUT_NAME, outputName } from './output-name.js';
import { picturedVoices } from './pictured-voices.js';
import type { AssetSource, Plan, PlannedJob, PlannedJobs } from './plan.js';
import { createPlanIssues } from './plan-issues.js';
import { planSettings } from './plan-settings.js';
import { jobSources, plannedJob } from './planned-job.js';
import { JobList, type JobSink } from './planned-jobs.js';
import { configuredProviders } from './provider-settings.js';
import { preferenceOf, providersInUse, type Redo } from './redo.js';
import { createRedoChoices } from './redo-choices.js';
import { type ConfiguredRoute, fitRoute, type LocalFile, type Wanted } from './route-fit.js';
import { createRouteOrder } from './route-order.js';
import { separateVoices } from './separate-voices.js';
import { createSmallerPictures } from './smaller-pictures.js';
import { createUnheardVoices } from './unheard-voices.js';
import { createUnreachableMedia } from './unreachable-media.js';

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
  const planner = createPlanner(expanded, options, sink);
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

function createPlanner<Jobs extends PlannedJobs>(
  expanded: ExpandedManifest,
  { catalogue, media, emulate, redos }: PlanOptions,
  sink: JobSink<Jobs>,
) {
  const { manifest } = expanded;
  const emulates = Boolean(emulate || manifest.emulate);
  const routesFor = createRouteOrder(manifest, catalogue, emulates || manifest.staging !== undefined);
  const configured = configuredProviders(manifest, catalogue).map((facts) => facts.id);
  const open = providersInUse(expanded, configured);
  const openRoutes = routesFor([...open].sort()).flatMap(({ routes }) => routes);
  const redoChoices = createRedoChoices(redos, catalogue, open);
  const sourcesOf = jobSources(media);
  const template = manifest.output?.name ?? DEFAULT_OUTPUT_NAME;
  const audio = manifest.output?.audio ?? 'provider';
  const found = createPlanIssues(expanded);
  const noRoute = createNoRouteList();
  const smaller = createSmallerPictures();
  const unheard = createUnheardVoices(media);
  const unreachable = createUnreachableMedia();
  const caps = createCapCheck(manifest);
  const ignored = new Set<string>();
  const used = { routes: new Set<RouteId>(), providers: new Set<ProviderId>(), fedRoutes: new Set<RouteId>() };
  let position = 0;

  function add(video: ExpandedVideo, track: ExpandedTrack): void {
    const key = `${video.id}/${track.language}`;
    const facts = jobMedia(video, track, media);
    const settings = effectiveSettings(manifest.defaults ?? {}, video.settings, track.settings);
    const hasMask = (track.mask ?? video.mask) !== null;
    const sources = sourcesOf(video, track);
    const largestFile = largestOf([sources.video, ...voiceSources(sources.voices), sources.mask]);
    const voices = track.voices.kind === 'one' ? 1 : 2;
    const wanted = { voices, hasMask, largestFile, settings, media: facts } as const;
    const choose = (chosen: EffectiveSettings) => {
      const groups = routesFor(chosen.provider ?? configured);
      const warn = (text: string) => ignored.add(text);
      return facts.broken ? NOTHING : chooseRoutes(groups, { ...wanted, settings: chosen }, warn);
    };
    const redo = redoChoices.choiceOf(key, settings, choose);
    const choice = redo?.choice ?? choose(settings);
    const { choices, ineligible } = choice;
    const others = facts.broken ? [] : otherRoutes(choice, wanted);
    const output = outputName(template, { video: video.id, lang: track.spelling });
    use(choices, largestFile);
    unreachable.add(choices, sources);

    facts.faults.forEach(found.fault);
    if (choices.length === 0 && !facts.broken) noRoute.add(key, track, ineligible);
    unheard.add(track);
    found.lengths(key, track, facts);
    if (!facts.broken) found.voices(key, misstatedVoices(key, track, media));
    if (!facts.broken) found.voices(key, picturedVoices(key, video, track, media));
    // What the provider makes of two voices is one sound.
    if (audio === 'track') found.voices(key, separateVoices(key, track, media));
    smaller.add(facts.sourceSize, choices[0]);
    found.output(key, track, output);

    const making = {
      preference: preferenceOf(settings),
      ...(redo && { redo: redo.asks }),
      ...(others.length > 0 && { otherRoutes: others }),
    };
    const made = { key, choices, ineligible, output, position, ...making };
    const job = plannedJob(video, track, facts, { sources, audio, found: made });
    caps.add(job);
    sink.add(job, settings.priority);
    position += 1;
  }

  /** Routes that a redo may name beside those that were tried. */
  function otherRoutes({ choices, ineligible }: Choice, wanted: Wanted): RouteId[] {
    const tried = new Set([...choices, ...ineligible].map(({ route }) => route));
    const fits = (configured: ConfiguredRoute) => !('reasons' in fitRoute(configured, wanted));
    const untried = openRoutes.filter(({ route }) => !tried.has(route.id) && route.voices === wanted.voices);
    return untried.filter(fits).map(({ route }) => route.id);
  }

  function use(choices: PlannedJob['choices'], largestFile: LocalFile | null): void {
    for (const { route, provider } of choices) {
      used.routes.add(route);
      used.providers.add(provider);
      if (largestFile !== null) used.fedRoutes.add(route);
    }
  }

  function finish(): BuiltPlan<Jobs> {
    const jobs = sink.end();
    for (const { track, finding } of noRoute.findings()) found.mistake(track, finding);
    found.warn(caps.unused());
    const settings = planSettings(expanded, catalogue, { ...used, emulates });
    const warnings = [
      ...ignored,
      ...redoChoices.warnings,
      ...settings.warnings,
      ...smaller.warnings(),
      ...(emulates && manifest.output?.s3 ? [EMULATED_DELIVERY] : []),
      ...found.warningTexts(),
      ...unheard.warnings(),
      ...(emulates ? [] : unreachable.warnings(settings.providers)),
    ];
    return { plan: { ...settings, jobs, refusedRedos: redoChoices.refused, warnings }, ...found.all() };
  }

  return { add, finish };
}

function largestOf(sources: readonly (AssetSource | null)[]): LocalFile | null {
  let largest: LocalFile | null = null;
  for (const source of sources) {
    if (source?.kind !== 'file') continue;
    const bytes = source.seen?.bytes ?? 0;
    if (largest === null || bytes > largest.bytes) largest = { path: source.path, bytes };
  }
  return largest;
}

const EMULATED_DELIVERY = 'emulated outputs are not delivered to `output.s3`';

const NOTHING = { choices: [], ineligible: [] } as const;
