import type { ExpandedManifest } from '../manifest/expanded.js';
import { CHEAPEST } from '../manifest/provider-field.js';
import type { RouteId } from '../provider/route.js';
import type { EffectiveSettings } from './effective-settings.js';

/** What a reviewer's redo changes in the making of one job: the same input would likely buy the same video. */
export interface Redo {
  /** Made on this route; `null` leaves the manifest's preference. */
  readonly route: RouteId | null;
  /** Sent instead of the manifest's; `null` leaves that. */
  readonly seed: number | null;
  /** {@link preferenceOf} the manifest when the redo was asked for; `null` where that was not written down. */
  readonly preference: string | null;
}

/** Every route takes a seed from 1 to this. */
const LARGEST_SEED = 1000;

/** What the manifest says of a job in terms of what a redo changes, as text. */
export function preferenceOf({ provider, seed }: EffectiveSettings): string {
  return JSON.stringify({ provider, seed: seed?.value ?? null });
}

/** Settings with a redo as the nearest word. */
export function withRedo(settings: EffectiveSettings, { route, seed }: Redo): EffectiveSettings {
  return {
    ...settings,
    ...(route !== null && { provider: [route] }),
    ...(seed !== null && { seed: { value: seed, from: 'own' } }),
  };
}

/**
 * Providers that the manifest sends work to. A redo goes to no other: a reviewer's word must not make a batch need a key
 * that its owner does not have.
 */
export function providersInUse({ manifest, videos }: ExpandedManifest, configured: readonly string[]): Set<string> {
  const words = new Set(manifest.defaults?.provider);
  for (const { settings, tracks } of videos) {
    for (const word of settings.provider ?? []) words.add(word);
    for (const track of tracks) for (const word of track.settings.provider ?? []) words.add(word);
  }
  const open = words.size === 0 || words.has(CHEAPEST) ? configured : [];
  return new Set([
    ...open,
    ...Object.keys(manifest.providers ?? {}),
    ...[...words].flatMap((word) => word.split('/')[0] ?? []),
  ]);
}

/** A manifest that was edited since is the newer word. */
export function isOutdated({ preference }: Redo, settings: EffectiveSettings): boolean {
  return preference !== null && preference !== preferenceOf(settings);
}

/**
 * The seed that makes an output again, told by the output's own bytes: the same review taken in twice, or after the
 * state was lost, asks for the same video.
 * @param spent seeds that the job was bought with before: none of them is taken once more while there are others
 */
export function redoSeed(sha256: string, spent: ReadonlySet<number>): number {
  const first = Number.parseInt(sha256.slice(0, 8), 16) % LARGEST_SEED;
  for (let step = 0; step < LARGEST_SEED; step += 1) {
    const seed = ((first + step) % LARGEST_SEED) + 1;
    if (!spent.has(seed)) return seed;
  }
  return first + 1;
}
