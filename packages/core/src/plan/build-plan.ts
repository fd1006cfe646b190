import {
  type ExpandedManifest,
  type ExpandedTrack,
  type ExpandedVideo,
  wholeTrack,
  wholeVideo,
} from '../manifest/expanded.js';
import { type ManifestIssue, type ManifestIssueCode, sortIssues } from '../manifest/manifest-issue.js';
import { priceWords } from '../money/price-words.js';
import type { Catalogue, ProviderId, RouteId } from '../provider/route.js';
import { foldedName } from '../text/folded-name.js';
import { count } from '../text/words.js';
import { bucketSettings } from './bucket-settings.js';
import { budgetSettings, createCapCheck } from './budget-settings.js';
import { type Choice, chooseRoutes } from './choose-routes.js';
import { type EffectiveSettings, effectiveSettings } from './effective-settings.js';
import { voiceSources } from './fingerprint.js';
import {
  differenceFinding,
  type JobMedia,
  jobMedia,
  lateSubtitlesFinding,
  lengthsDiffer,
  type MediaFinding,
} from './job-media.js';
import { withLastingUrls } from './lasting-urls.js';
import type { MediaByAsset } from './media-facts.js';
import { misstatedVoices } from './misstated-voices.js';
import { createNoRouteList } from './no-route.js';
import { clashFinding, DEFAULT_OUTPUT_NAME, keptFolderFinding, outputName } from './output-name.js';
import type { AssetSource, Plan, PlannedJob, PlannedJobs, ProviderSettings } from './plan.js';
import { jobSources, plannedJob } from './planned-job.js';
import { JobList, type JobSink } from './planned-jobs.js';
import {
  configuredPrice,
  configuredProviders,
  providerFields,
  providerSettings,
  unusedPriceWords,
} from './provider-settings.js';
import { isOutdated, preferenceOf, providersInUse, type Redo, withRedo } from './redo.js';
import { type ConfiguredRoute, fitRoute, type LocalFile, type Wanted } from './route-fit.js';
import { createRouteOrder } from './route-order.js';
import { separateVoices } from './separate-voices.js';
import { createSmallerPictures } from './smaller-pictures.js';
import { createUnheardVoices } from './unheard-voices.js';

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
  const staged = emulates || manifest.staging !== undefined;
  const routesFor = createRouteOrder(manifest, catalogue, staged);
  const configured = configuredProviders(manifest, catalogue).map((facts) => facts.id);
  const template = manifest.output?.name ?? DEFAULT_OUTPUT_NAME;
  const issues: ManifestIssue[] = [...expanded.issues];
  const warnings: ManifestIssue[] = [...expanded.warnings];
  const said = new Set<string>();
  const inUse = providersInUse(expanded, configured);
  const routesInUse = routesFor([...inUse].sort()).flatMap(({ routes }) => routes);
  const faulty = new Set<string>();
  const outputs = new Map<string, string>();
  const noRoute = createNoRouteList();
  const smaller = createSmallerPictures();
  const unheard = createUnheardVoices(media);
  const sourcesOf = jobSources(media);
  const audio = manifest.output?.audio ?? 'provider';
  const caps = createCapCheck(manifest);
  const refusedRedos: Record<string, string> = {};
  /** Routes that get local files. */
  const fedRoutes = new Set<RouteId>();
  const chosenRoutes = new Set<RouteId>();
  const chosenProviders = new Set<ProviderId>();
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
      return facts.broken ? NOTHING : chooseRoutes(groups, { ...wanted, settings: chosen }, (text) => said.add(text));
    };
    const redo = redoOf(key, settings, choose);
    const choice = redo?.choice ?? choose(settings);
    const { choices, ineligible } = choice;
    const others = facts.broken ? [] : otherRoutes(choice, wanted);

    for (const { route, provider } of choices) {
      chosenRoutes.add(route);
      chosenProviders.add(provider);
      if (largestFile !== null) fedRoutes.add(route);
    }
    facts.faults.forEach(reportFault);
    if (choices.length === 0 && !facts.broken) noRoute.add(key, track, ineligible);
    unheard.add(track);
    reportLengths(key, track, facts);
    if (!facts.broken) reportVoices(key, misstatedVoices(key, track, media));
    // What the provider makes of two voices is one sound.
    if (audio === 'track') reportVoices(key, separateVoices(key, track, media));
    smaller.add(facts.sourceSize, choices[0]);
    const output = outputName(template, { video: video.id, lang: track.spelling });
    reportClash(key, track, output);
    const making = {
      preference: preferenceOf(settings),
      ...(redo && { redo: redo.asks }),
      ...(others.length > 0 && { otherRoutes: others }),
    };
    const found = { key, choices, ineligible, output, position, ...making };
    const job = plannedJob(video, track, facts, { sources, audio, found });
    caps.add(job);
    sink.add(job, settings.priority);
    position += 1;
  }

  /** Routes that a redo may name beside those that were tried. */
  function otherRoutes({ choices, ineligible }: Choice, wanted: Wanted): RouteId[] {
    const tried = new Set([...choices, ...ineligible].map(({ route }) => route));
    const fits = (configured: ConfiguredRoute) => !('reasons' in fitRoute(configured, wanted));
    const untried = routesInUse.filter(({ route }) => !tried.has(route.id) && route.voices === wanted.voices);
    return untried.filter(fits).map(({ route }) => route.id);
  }

  /** What a redo makes of a job: the latest that a route can do. `null` where there is none. */
  function redoOf(key: string, settings: EffectiveSettings, choose: (settings: EffectiveSettings) => Choice) {
    for (const asked of redos?.get(key)?.toReversed() ?? []) {
      if (isOutdated(asked, settings)) return null;
      const { route, seed } = asked;
      const isOpen = route === null || inUse.has(route.split('/')[0] ?? '');
      const choice = isOpen ? choose(withRedo(settings, asked)) : NOTHING;
      if (choice.choices.length > 0) return { asks: { route, seed }, choice };
      refuseRedo(key, asked, isOpen ? choice : null);
    }
    return null;
  }

  /** Said of the latest alone: those before it are past. */
  function refuseRedo(key: string, asked: Redo, tried: Choice | null): void {
    if (key in refusedRedos) return;
    const isKnown = asked.route === null || catalogue.routes.some(({ id }) => id === asked.route);
    const why = isKnown ? refusalWords(asked, tried) : 'there is no such route';
    refusedRedos[key] = why;
    said.add(`${key}: ${redoWords(asked)} is not possible, so nothing is made again: ${why}`);
  }

  /** One file may serve many jobs; its fault is said once at each place that names it. */
  function reportFault({ asset, finding }: MediaFinding): void {
    const span = manifest.source.spanAt(asset.place);
    const place = `${span.file}:${span.line}:${span.column}:${finding.message}`;
    if (!faulty.has(place)) issues.push(manifest.source.issueAt(asset.place, finding));
    faulty.add(place);
  }

  function reportLengths(key: string, track: ExpandedTrack, lengths: JobMedia): void {
    const { durationMs, videoMs, broken } = lengths;
    const late = broken ? null : lateSubtitlesFinding(key, lengths);
    if (late !== null) warnings.push({ ...at(track, late, 'warning'), job: key });
    if (broken || durationMs === null || videoMs === null || !lengthsDiffer(durationMs, videoMs)) return;
    warnings.push({ ...at(track, differenceFinding(key, durationMs, videoMs), 'warning'), job: key });
  }

  function reportVoices(key: string, findings: readonly MediaFinding[]): void {
    for (const { asset, finding } of findings) {
      warnings.push({ ...manifest.source.issueAt(asset.place, finding, 'warning'), job: key });
    }
  }

  function reportClash(key: string, track: ExpandedTrack, output: string): void {
    const folded = foldedName(output);
    const first = outputs.get(folded);
    if (first === undefined) outputs.set(folded, key);
    const finding = first === undefined ? keptFolderFinding(key, output) : clashFinding(key, first, output);
    if (finding !== null) issues.push(at(track, finding));
  }

  function at(
    track: ExpandedTrack,
    finding: Parameters<typeof manifest.source.issueAt>[1],
    severity?: ManifestIssue['severity'],
  ) {
    return manifest.source.issueAt(track.place, finding, severity);
  }

  function finish(): BuiltPlan<Jobs> {
    const undelivered = emulates && manifest.output?.s3 ? [EMULATED_DELIVERY] : [];
    warnings.push(...caps.unused());
    const prices = allPrices();
    const providers = settingsOfProviders();
    const staging = stagingBucket(providers);
    const plan = {
      batch: manifest.batch,
      emulate: manifest.emulate ?? false,
      jobs: sink.end(),
      providers,
      outputDir: expanded.outputDir,
      onUncertain: manifest.on_uncertain ?? 'hold',
      failoverOnRejection: manifest.failover_on_rejection ?? false,
      budget: budgetSettings(manifest.budget),
      prices,
      staging: staging.bucket,
      delivery: bucketSettings(manifest.output?.s3),
      refusedRedos,
      warnings: [
        ...said,
        ...ownPrices(prices, chosenRoutes),
        ...unusedPrices(),
        ...smaller.warnings(),
        ...undelivered,
        ...staging.warnings,
        ...warningTexts(warnings),
        ...unheard.warnings(),
      ],
    };
    const unmade = noRoute.findings().map(({ track, finding }) => at(track, finding));
    return { plan, issues: sortIssues([...issues, ...unmade]), warnings: sortIssues(warnings) };
  }

  function stagingBucket(providers: Plan['providers']): { bucket: Plan['staging']; warnings: readonly string[] } {
    const fields = manifest.staging?.s3;
    const bucket = bucketSettings(fields);
    if (bucket === null) return { bucket, warnings: [] };
    const attempts = catalogue.routes
      .filter(({ id }) => fedRoutes.has(id))
      .map(({ id, provider, timeoutMs }) => ({ route: id, timeoutMs: providers[provider]?.timeoutMs ?? timeoutMs }));
    const longest = attempts.sort((a, b) => b.timeoutMs - a.timeoutMs)[0] ?? null;
    const lasting = withLastingUrls(bucket, fields?.presign, longest);
    return { bucket: lasting.bucket, warnings: lasting.warning === null ? [] : [lasting.warning] };
  }

  function unusedPrices(): string[] {
    return catalogue.routes
      .filter(({ id }) => chosenRoutes.has(id))
      .flatMap((route) => unusedPriceWords(route, manifest) ?? []);
  }

  function allPrices(): Plan['prices'] {
    const { routes } = catalogue;
    return Object.fromEntries(routes.map((route) => [route.id, configuredPrice(route, manifest)]));
  }

  function settingsOfProviders(): Record<string, ProviderSettings> {
    const wanted = new Set([...Object.keys(manifest.providers ?? {}), ...chosenProviders]);
    const facts = catalogue.providers.filter((provider) => wanted.has(provider.id));
    return Object.fromEntries(
      facts.map((provider) => [
        provider.id,
        providerSettings(provider, providerFields(manifest, provider.id), manifest.ownSettings?.[provider.id]),
      ]),
    );
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

/** A plan of many jobs says a few of these by name and counts the rest. */
const COUNTED: Readonly<Partial<Record<ManifestIssueCode, string>>> = {
  LENGTH_DIFFERS: 'differ from their videos in length by much',
  SUBTITLES_LATE: 'have subtitles that go on after them',
  LENGTH_UNDERSTATED: 'are longer than their stated durations, and billed as they are',
  LENGTH_OVERSTATED: 'are shorter than their stated durations, and billed as they are',
};
const BY_NAME = 10;

function warningTexts(warnings: readonly ManifestIssue[]): string[] {
  const unnamed = new Set<ManifestIssue>();
  const counts = Object.entries(COUNTED).flatMap(([code, what]) => {
    const rest = warnings.filter((warning) => warning.code === code).slice(BY_NAME);
    for (const warning of rest) unnamed.add(warning);
    return rest.length === 0 ? [] : [`${count(rest.length, 'more track')} ${what}`];
  });
  return [...warnings.filter((warning) => !unnamed.has(warning)).map(({ message }) => message), ...counts];
}

function redoWords({ route, seed }: Redo): string {
  const parts = [...(route === null ? [] : [`on ${route}`]), ...(seed === null ? [] : [`with seed ${seed}`])];
  return `the redo ${parts.join(' ')}`;
}

/** Why a redo cannot be done. @param tried what its settings allow; `null` where the manifest does not use its provider */
function refusalWords({ route }: Redo, tried: Choice | null): string {
  if (tried === null) return `the manifest sends nothing to ${route?.split('/')[0]}`;
  const reasons = tried.ineligible.map((each) => `${each.route} ${each.reason}`);
  return reasons.join('; ') || 'its media cannot be used';
}

const EMULATED_DELIVERY = 'emulated outputs are not delivered to `output.s3`';

const NOTHING = { choices: [], ineligible: [] } as const;

/** A price that overrides the catalogue's decides what every report says, so it is said. */
function ownPrices(prices: Plan['prices'], used: ReadonlySet<RouteId>): string[] {
  return Object.entries(prices).flatMap(([route, price]) =>
    used.has(route) && price.source.kind in SETTERS
      ? [`${route} is priced by ${SETTERS[price.source.kind as keyof typeof SETTERS]}: ${priceWords(price)}`]
      : [],
  );
}

const SETTERS = { manifest: 'the manifest', 'own-settings': 'your own settings' } as const;
