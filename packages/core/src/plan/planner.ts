import type { ExpandedManifest, ExpandedTrack, ExpandedVideo } from '../manifest/expanded.js';
import type { Catalogue, ProviderId, RouteId } from '../provider/route.js';
import { createCapCheck } from './budget-settings.js';
import type { BuiltPlan, PlanOptions } from './build-plan.js';
import { type Choice, chooseRoutes } from './choose-routes.js';
import { type EffectiveSettings, effectiveSettings } from './effective-settings.js';
import { voiceSources } from './fingerprint.js';
import { type JobMedia, jobMedia } from './job-media.js';
import type { MediaByAsset } from './media-facts.js';
import { misstatedVoices } from './misstated-voices.js';
import { createNoRouteList } from './no-route.js';
import { DEFAULT_OUTPUT_NAME, outputName } from './output-name.js';
import { picturedVoices } from './pictured-voices.js';
import type { AssetSource, PlannedJob, PlannedJobs } from './plan.js';
import { createPlanIssues } from './plan-issues.js';
import { planSettings } from './plan-settings.js';
import { jobSources, plannedJob } from './planned-job.js';
import type { JobSink } from './planned-jobs.js';
import { configuredProviders } from './provider-settings.js';
import { preferenceOf, providersInUse } from './redo.js';
import { createRedoChoices } from './redo-choices.js';
import { type ConfiguredRoute, fitRoute, type LocalFile, type Wanted } from './route-fit.js';
import { createRouteOrder, type RouteGroup } from './route-order.js';
import { separateVoices } from './separate-voices.js';
import { createSmallerPictures } from './smaller-pictures.js';
import { createUnheardVoices } from './unheard-voices.js';
import { createUnreachableMedia } from './unreachable-media.js';

/** Makes the jobs of a plan one after the other, and collects on the way what there is to say of them all. */
export class Planner<Jobs extends PlannedJobs> {
  readonly #expanded: ExpandedManifest;
  readonly #catalogue: Catalogue;
  readonly #media: MediaByAsset;
  readonly #sink: JobSink<Jobs>;
  readonly #emulates: boolean;
  /** Names of providers that a job without a preference may go to. */
  readonly #configured: readonly string[];
  readonly #routesFor: (preference: readonly string[]) => readonly RouteGroup[];
  /** Routes that a redo may name. */
  readonly #openRoutes: readonly ConfiguredRoute[];
  readonly #sourcesOf: ReturnType<typeof jobSources>;
  readonly #redoChoices: ReturnType<typeof createRedoChoices>;
  readonly #found: ReturnType<typeof createPlanIssues>;
  readonly #unheard: ReturnType<typeof createUnheardVoices>;
  readonly #caps: ReturnType<typeof createCapCheck>;
  readonly #noRoute = createNoRouteList();
  readonly #smaller = createSmallerPictures();
  readonly #unreachable = createUnreachableMedia();
  readonly #ignored = new Set<string>();
  readonly #used = { routes: new Set<RouteId>(), providers: new Set<ProviderId>(), fedRoutes: new Set<RouteId>() };
  #position = 0;

  constructor(expanded: ExpandedManifest, { catalogue, media, emulate, redos }: PlanOptions, sink: JobSink<Jobs>) {
    const { manifest } = expanded;
    this.#expanded = expanded;
    this.#catalogue = catalogue;
    this.#media = media;
    this.#sink = sink;
    this.#emulates = Boolean(emulate || manifest.emulate);
    this.#configured = configuredProviders(manifest, catalogue).map((facts) => facts.id);
    this.#routesFor = createRouteOrder(manifest, catalogue, this.#emulates || manifest.staging !== undefined);
    const open = providersInUse(expanded, this.#configured);
    this.#openRoutes = this.#routesFor([...open].sort()).flatMap(({ routes }) => routes);
    this.#sourcesOf = jobSources(media);
    this.#redoChoices = createRedoChoices(redos, catalogue, open);
    this.#found = createPlanIssues(expanded);
    this.#unheard = createUnheardVoices(media);
    this.#caps = createCapCheck(manifest);
  }

  add(video: ExpandedVideo, track: ExpandedTrack): void {
    const { defaults = {}, output: naming } = this.#expanded.manifest;
    const key = `${video.id}/${track.language}`;
    const media = jobMedia(video, track, this.#media);
    const settings = effectiveSettings(defaults, video.settings, track.settings);
    const sources = this.#sourcesOf(video, track);
    const largestFile = largestOf([sources.video, ...voiceSources(sources.voices), sources.mask]);
    const voices = track.voices.kind === 'one' ? 1 : 2;
    const hasMask = (track.mask ?? video.mask) !== null;
    const wanted = { voices, hasMask, largestFile, settings, media } as const;
    const choose = (chosen: EffectiveSettings) =>
      media.broken ? NOTHING : this.#choose({ ...wanted, settings: chosen });
    const redo = this.#redoChoices.choiceOf(key, settings, choose);
    const choice = redo?.choice ?? choose(settings);
    const { choices, ineligible } = choice;
    const others = media.broken ? [] : this.#otherRoutes(choice, wanted);
    const output = outputName(naming?.name ?? DEFAULT_OUTPUT_NAME, { video: video.id, lang: track.spelling });
    this.#use(choices, largestFile);
    this.#unreachable.add(choices, sources);

    media.faults.forEach(this.#found.fault);
    if (choices.length === 0 && !media.broken) this.#noRoute.add(key, track, ineligible);
    this.#sayOfMedia(key, { video, track, media });
    this.#smaller.add(media.sourceSize, choices[0]);
    this.#found.output(key, track, output);

    const making = {
      preference: preferenceOf(settings),
      ...(redo && { redo: redo.asks }),
      ...(others.length > 0 && { otherRoutes: others }),
    };
    const found = { key, choices, ineligible, output, position: this.#position, ...making };
    const job = plannedJob(video, track, media, { sources, audio: naming?.audio ?? 'provider', found });
    this.#caps.add(job);
    this.#sink.add(job, settings.priority);
    this.#position += 1;
  }

  #choose(wanted: Wanted): Choice {
    const groups = this.#routesFor(wanted.settings.provider ?? this.#configured);
    return chooseRoutes(groups, wanted, (text) => this.#ignored.add(text));
  }

  /** Routes that a redo may name beside those that were tried. */
  #otherRoutes({ choices, ineligible }: Choice, wanted: Wanted): RouteId[] {
    const tried = new Set([...choices, ...ineligible].map(({ route }) => route));
    const fits = (configured: ConfiguredRoute) => !('reasons' in fitRoute(configured, wanted));
    const untried = this.#openRoutes.filter(({ route }) => !tried.has(route.id) && route.voices === wanted.voices);
    return untried.filter(fits).map(({ route }) => route.id);
  }

  #use(choices: PlannedJob['choices'], largestFile: LocalFile | null): void {
    for (const { route, provider } of choices) {
      this.#used.routes.add(route);
      this.#used.providers.add(provider);
      if (largestFile !== null) this.#used.fedRoutes.add(route);
    }
  }

  /** What is worth saying of the lengths and the sound of its files. */
  #sayOfMedia(
    key: string,
    { video, track, media }: { video: ExpandedVideo; track: ExpandedTrack; media: JobMedia },
  ): void {
    this.#unheard.add(track);
    this.#found.lengths(key, track, media);
    if (!media.broken) this.#found.voices(key, misstatedVoices(key, track, this.#media));
    if (!media.broken) this.#found.voices(key, picturedVoices(key, video, track, this.#media));
    // What the provider makes of two voices is one sound.
    const isOwnSound = this.#expanded.manifest.output?.audio === 'track';
    if (isOwnSound) this.#found.voices(key, separateVoices(key, track, this.#media));
  }

  finish(): BuiltPlan<Jobs> {
    const jobs = this.#sink.end();
    const { manifest } = this.#expanded;
    for (const { track, finding } of this.#noRoute.findings()) this.#found.mistake(track, finding);
    this.#found.warn(this.#caps.unused());
    const inUse = { ...this.#used, emulates: this.#emulates };
    const settings = planSettings(this.#expanded, this.#catalogue, inUse);
    const warnings = [
      ...this.#ignored,
      ...this.#redoChoices.warnings,
      ...settings.warnings,
      ...this.#smaller.warnings(),
      ...(this.#emulates && manifest.output?.s3 ? [EMULATED_DELIVERY] : []),
      ...this.#found.warningTexts(),
      ...this.#unheard.warnings(),
      ...(this.#emulates ? [] : this.#unreachable.warnings(settings.providers)),
    ];
    const plan = { ...settings, jobs, refusedRedos: this.#redoChoices.refused, warnings };
    return { plan, ...this.#found.all() };
  }
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
