import { estimatePrice, type PriceFormula } from '../money/price.js';
import type { JsonObject, RouteInput } from '../provider/contract.js';
import type { Route } from '../provider/route.js';
import { ownValue } from '../text/own-value.js';
import { count, formatBytes, formatSeconds, orList } from '../text/words.js';
import type { EffectiveSettings } from './effective-settings.js';
import { endingOf } from './file-kind.js';
import type { JobMedia } from './job-media.js';
import type { RouteChoice } from './plan.js';

/** A job as a route sees it. */
export interface Wanted {
  readonly voices: 1 | 2;
  readonly hasMask: boolean;
  /** The largest of its media that is a local file; `null`: all of it is behind URLs. */
  readonly largestFile: LocalFile | null;
  readonly settings: EffectiveSettings;
  readonly media: JobMedia;
}

export interface LocalFile {
  readonly path: string;
  /** 0 where nobody looked. */
  readonly bytes: number;
}

/** A route with what the manifest says of its provider. */
export interface ConfiguredRoute {
  readonly route: Route;
  readonly price: PriceFormula;
  readonly maximumFrames: number | null;
  /** How large a local file may be to get to it, by its own upload or by a staging bucket; 0: it takes none. */
  readonly maximumFileBytes: number;
}

export type Fit =
  | (Pick<RouteChoice, 'input' | 'estimate' | 'measured'> & { readonly ignored: readonly string[] })
  | {
      readonly reasons: readonly string[];
      /** What a user can do about each of the reasons. */
      readonly mends: readonly string[];
    };

/** Says that a route cannot make the job, why, and what a user can do about it. */
type Refuse = (reason: string, mend: string) => void;

/**
 * Whether a route can make a job, and what it would then send. A default that it cannot express is left out and
 * listed in `ignored`; the same set on a video or a track is a reason against the route.
 */
export function fitRoute({ route, price, maximumFrames, maximumFileBytes }: ConfiguredRoute, wanted: Wanted): Fit {
  const reasons: string[] = [];
  const mends: string[] = [];
  const ignored: string[] = [];
  const { settings, media } = wanted;
  const refuse: Refuse = (reason, mend) => {
    reasons.push(reason);
    mends.push(mend);
  };
  const judge: Judge = (from, problem, mend) => {
    if (from === 'own') refuse(problem, mend);
    else ignored.push(problem);
  };

  if (route.voices !== wanted.voices) {
    if (route.voices === 1) refuse('takes one voice, not two', 'a route for two voices');
    else refuse('takes two voices, not one', 'a route for one voice');
  }
  if (wanted.hasMask && !route.mask) refuse('takes no mask_image', 'no `mask_image`');
  checkFiles(wanted.largestFile, maximumFileBytes, refuse);
  const resolution = fitResolution(route, settings, judge);
  const seed = fitSeed(route, settings, judge);
  const options = fitOptions(route, settings, judge);
  if (settings.prompt === null && route.prompt === 'required') refuse('needs a prompt', 'a prompt');
  checkLength(route, media, refuse);
  const frames = fitFrames(route, maximumFrames, media.durationMs, refuse);
  checkContainers(route, media, refuse);

  if (reasons.length > 0) return { reasons, mends: [...new Set(mends)] };
  const input: RouteInput = { prompt: settings.prompt?.value ?? null, seed, resolution, frames, options };
  const estimate = estimatePrice(price, { billedMs: media.billedMs, resolution, frames });
  const measured = estimatePrice(price, { billedMs: media.measuredMs, resolution, frames });
  return { input, estimate, ...(measured.micros !== estimate.micros && { measured }), ignored };
}

/** What is set on the video or track itself must be possible; a default may be left out. */
type Judge = (from: 'own' | 'default', problem: string, mend: string) => void;

const REACHABLE = 'a `staging` bucket, or https URLs';

function checkFiles(largest: LocalFile | null, maximumBytes: number, refuse: Refuse): void {
  if (largest === null) return;
  if (maximumBytes === 0) {
    refuse('takes no local files without `staging` (https URLs work)', REACHABLE);
  } else if (largest.bytes > maximumBytes) {
    const size = formatBytes(largest.bytes);
    const most = formatBytes(maximumBytes);
    const than = size === most ? `is ${count(largest.bytes - maximumBytes, 'byte')} larger` : `has ${size}`;
    refuse(`takes uploads of at most ${most}, and ${fileName(largest.path)} ${than}`, REACHABLE);
  }
}

function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** Always chosen, never left to the provider: their defaults differ, and with them the price. */
function fitResolution(route: Route, settings: EffectiveSettings, judge: Judge): string | null {
  const wanted = settings.resolution;
  if (wanted === null) return route.defaultResolution;
  if (route.resolutions?.includes(wanted.value)) return wanted.value;
  const problem =
    route.resolutions === null
      ? 'has no resolution setting'
      : `renders ${orList(route.resolutions)}, not ${wanted.value}`;
  judge(
    wanted.from,
    problem,
    route.resolutions === null ? 'no `resolution`' : `resolution: ${orList(route.resolutions)}`,
  );
  return route.defaultResolution;
}

function fitSeed(route: Route, settings: EffectiveSettings, judge: Judge): number | null {
  const wanted = settings.seed;
  if (wanted === null) return null;
  if (route.seed === null) {
    judge(wanted.from, 'takes no seed', 'no `seed`');
    return null;
  }
  const { minimum, maximum } = route.seed;
  if (wanted.value >= minimum && wanted.value <= maximum) return wanted.value;
  judge(wanted.from, `takes a seed from ${minimum} to ${maximum}, not ${wanted.value}`, `a seed up to ${maximum}`);
  return null;
}

/** One for all jobs. */
const NO_OPTIONS: JsonObject = {};

/** Every option of the route is sent, so that a provider's change of default cannot change the output. */
function fitOptions(route: Route, settings: EffectiveSettings, judge: Judge): JsonObject {
  const wanted = settings.options[route.provider] ?? {};
  for (const [name, setting] of Object.entries(wanted)) {
    if (ownValue(route.options, name) === undefined)
      judge(setting.from, `has no option ${name}`, `no option \`${name}\``);
  }
  const known = Object.entries(route.options);
  if (known.length === 0) return NO_OPTIONS;
  const sent = known.map(([name, spec]) => [name, wanted[name]?.value ?? spec.default] as const);
  return Object.fromEntries(sent);
}

function checkLength(route: Route, media: JobMedia, refuse: Refuse): void {
  // Two voices in turn may speak for longer than the finished length that the manifest states.
  const length = Math.max(media.durationMs ?? 0, media.spokenMs ?? 0);
  if (route.maximumSeconds === null || length <= route.maximumSeconds * 1000) return;
  const most = formatSeconds(route.maximumSeconds * 1000);
  const rounded = formatSeconds(length);
  const exact = `${length / 1000} s`;
  refuse(`makes at most ${most}, not ${rounded === most ? exact : rounded}`, `a track of at most ${most}`);
}

function fitFrames(route: Route, setting: number | null, durationMs: number | null, refuse: Refuse): number | null {
  const rule = route.frames;
  if (rule === null) return null;
  if (durationMs === null) {
    refuse('needs to know the length of the track', 'its `duration`');
    return null;
  }
  const maximum = setting ?? rule.maximum;
  const frames = Math.max(rule.minimum, Math.ceil((durationMs * rule.framesPerSecond) / 1000));
  if (frames > maximum) {
    const reason = `makes at most ${maximum} frames (max_frames), not the ${frames} of ${formatSeconds(durationMs)}`;
    const longest = formatSeconds(Math.floor((rule.hardMaximum * 1000) / rule.framesPerSecond));
    const most = `\`providers.${route.provider}.max_frames: ${Math.min(frames, rule.hardMaximum)}\``;
    refuse(reason, frames > rule.hardMaximum ? `a track of at most ${longest} with ${most}` : most);
  }
  return frames;
}

function checkContainers(route: Route, media: JobMedia, refuse: Refuse): void {
  const check = (kind: 'video' | 'audio' | 'image', container: string | null) => {
    const accepted = route.accepts[kind];
    if (accepted === null || container === null || accepted.includes(container)) return;
    const to = accepted[0] ?? '';
    const ending = endingOf(container.replace(/ .*/, ''));
    const mend = `the ${kind} as ${to}: ffmpeg -i in.${ending}${kind === 'video' ? ' -c copy' : ''} out.${to}`;
    refuse(`takes ${kind} as ${orList(accepted)}, not ${container}`, mend);
  };
  check('video', media.containers.video);
  for (const container of new Set(media.containers.audio)) check('audio', container);
  check('image', media.containers.image);
}
