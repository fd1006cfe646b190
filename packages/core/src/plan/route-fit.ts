import { type Estimate, estimatePrice, type PriceFormula } from '../money/price.js';
import type { JsonObject, RouteInput } from '../provider/contract.js';
import type { Route } from '../provider/route.js';
import { formatSeconds, orList } from '../text/words.js';
import type { EffectiveSettings } from './effective-settings.js';
import type { JobMedia } from './job-media.js';

/** A job as a route sees it. */
export interface Wanted {
  readonly voices: 1 | 2;
  readonly hasMask: boolean;
  /** Whether some of its media is a local file. */
  readonly hasFiles: boolean;
  readonly settings: EffectiveSettings;
  readonly media: JobMedia;
}

/** A route with what the manifest says of its provider. */
export interface ConfiguredRoute {
  readonly route: Route;
  readonly price: PriceFormula;
  readonly maximumFrames: number | null;
  /** Whether a local file can get to it: by its own upload, or by a staging bucket. */
  readonly takesFiles: boolean;
}

export type Fit =
  | { readonly input: RouteInput; readonly estimate: Estimate; readonly ignored: readonly string[] }
  | {
      readonly reasons: readonly string[];
      /** What a user can do about some of the reasons. */
      readonly mends: readonly string[];
    };

/**
 * Whether a route can make a job, and what it would then send. A default that it cannot express is left out and
 * listed in `ignored`; the same set on a video or a track is a reason against the route.
 */
export function fitRoute({ route, price, maximumFrames, takesFiles }: ConfiguredRoute, wanted: Wanted): Fit {
  const reasons: string[] = [];
  const mends: string[] = [];
  const ignored: string[] = [];
  const { settings, media } = wanted;
  const judge = (from: 'own' | 'default', problem: string) => (from === 'own' ? reasons : ignored).push(problem);

  if (route.voices !== wanted.voices)
    reasons.push(route.voices === 1 ? 'takes one voice, not two' : 'takes two voices, not one');
  if (wanted.hasMask && !route.mask) reasons.push('takes no mask_image');
  if (wanted.hasFiles && !takesFiles) reasons.push('takes no local files without `staging` (https URLs work)');
  const resolution = fitResolution(route, settings, judge);
  const seed = fitSeed(route, settings, judge);
  const options = fitOptions(route, settings, judge);
  if (settings.prompt === null && route.prompt === 'required') {
    reasons.push('needs a prompt');
    mends.push('a prompt');
  }
  checkLength(route, media, reasons);
  const frames = fitFrames(route, maximumFrames, media.durationMs, reasons);
  checkContainers(route, media, (reason, mend) => {
    reasons.push(reason);
    mends.push(mend);
  });

  if (reasons.length > 0) return { reasons, mends };
  const input: RouteInput = { prompt: settings.prompt?.value ?? null, seed, resolution, frames, options };
  return { input, estimate: estimatePrice(price, { billedMs: media.billedMs, resolution, frames }), ignored };
}

type Judge = (from: 'own' | 'default', problem: string) => void;

/** Always chosen, never left to the provider: their defaults differ, and with them the price. */
function fitResolution(route: Route, settings: EffectiveSettings, judge: Judge): string | null {
  const wanted = settings.resolution;
  if (wanted === null) return route.defaultResolution;
  if (route.resolutions?.includes(wanted.value)) return wanted.value;
  const problem =
    route.resolutions === null
      ? 'has no resolution setting'
      : `renders ${orList(route.resolutions)}, not ${wanted.value}`;
  judge(wanted.from, problem);
  return route.defaultResolution;
}

function fitSeed(route: Route, settings: EffectiveSettings, judge: Judge): number | null {
  const wanted = settings.seed;
  if (wanted === null) return null;
  if (route.seed === null) {
    judge(wanted.from, 'takes no seed');
    return null;
  }
  const { minimum, maximum } = route.seed;
  if (wanted.value >= minimum && wanted.value <= maximum) return wanted.value;
  judge(wanted.from, `takes a seed from ${minimum} to ${maximum}, not ${wanted.value}`);
  return null;
}

/** One for all jobs. */
const NO_OPTIONS: JsonObject = {};

/** Every option of the route is sent, so that a provider's change of default cannot change the output. */
function fitOptions(route: Route, settings: EffectiveSettings, judge: Judge): JsonObject {
  const wanted = settings.options[route.provider] ?? {};
  for (const [name, setting] of Object.entries(wanted)) {
    if (route.options[name] === undefined) judge(setting.from, `has no option ${name}`);
  }
  const known = Object.entries(route.options);
  if (known.length === 0) return NO_OPTIONS;
  const sent = known.map(([name, spec]) => [name, wanted[name]?.value ?? spec.default] as const);
  return Object.fromEntries(sent);
}

function checkLength(route: Route, media: JobMedia, reasons: string[]): void {
  // Two voices in turn may be billed for longer than the finished length that the manifest states.
  const length = Math.max(media.durationMs ?? 0, media.billedMs ?? 0);
  if (route.maximumSeconds === null || length <= route.maximumSeconds * 1000) return;
  reasons.push(`makes at most ${formatSeconds(route.maximumSeconds * 1000)}, not ${formatSeconds(length)}`);
}

function fitFrames(route: Route, setting: number | null, durationMs: number | null, reasons: string[]): number | null {
  if (route.frames === null) return null;
  if (durationMs === null) {
    reasons.push('needs to know the length of the track');
    return null;
  }
  const maximum = setting ?? route.frames.maximum;
  const frames = Math.max(route.frames.minimum, Math.ceil((durationMs * route.frames.framesPerSecond) / 1000));
  if (frames > maximum)
    reasons.push(`makes at most ${maximum} frames (max_frames), not the ${frames} of ${formatSeconds(durationMs)}`);
  return frames;
}

function checkContainers(route: Route, media: JobMedia, say: (reason: string, mend: string) => void): void {
  const check = (kind: 'video' | 'audio' | 'image', container: string | null) => {
    const accepted = route.accepts[kind];
    if (accepted === null || container === null || accepted.includes(container)) return;
    const to = accepted[0] ?? '';
    const mend = `the ${kind} as ${to}: ffmpeg -i in.${container}${kind === 'video' ? ' -c copy' : ''} out.${to}`;
    say(`takes ${kind} as ${orList(accepted)}, not ${container}`, mend);
  };
  check('video', media.containers.video);
  for (const container of new Set(media.containers.audio)) check('audio', container);
  check('image', media.containers.image);
}
