import { readLanguageTag } from '../language/language-tag.js';
import type { AssetSource } from '../plan/plan.js';
import type { ExpandedAsset, ExpandedTrack, ExpandedVoice } from './expanded.js';
import { isUrl } from './fields/place-fields.js';
import { fillTemplate } from './fields/template-fields.js';
import type { SettingsFields, TrackFields } from './manifest.js';
import { type Place, under } from './manifest-source.js';

export type Resolve = (path: string) => string;

/** What stands around a track: where relative paths start, and what `{name}` means. */
export interface TrackContext {
  readonly resolve: Resolve;
  readonly name: string;
  /** The row of a CSV file that it is read from: where it and its cells stand, and its labels. */
  readonly row?: TrackRow | undefined;
}

interface TrackRow extends Pick<ExpandedTrack, 'place' | 'labels'> {
  readonly placeOf: (column: string) => Place;
}

export const NO_LABELS: Readonly<Record<string, string>> = {};

/** A path or URL of the manifest as an asset. */
export function assetOf(written: string, place: Place, resolve: Resolve): ExpandedAsset {
  return { source: sourceOf(written, resolve), written, place };
}

export function sourceOf(written: string, resolve: Resolve): AssetSource {
  return isUrl(written) ? { kind: 'url', url: written } : { kind: 'file', path: resolve(written) };
}

/** A track that stands in the manifest under its language tag. */
export function expandTrack(
  spelling: string,
  fields: string | TrackFields,
  path: readonly (string | number)[],
  context: TrackContext,
): ExpandedTrack {
  const track: TrackFields = typeof fields === 'string' ? { audio: fields } : fields;
  const inManifest = (field: string): Place => ({ path: typeof fields === 'string' ? path : under(path, field) });
  const { row } = context;
  const placeOf = row?.placeOf ?? inManifest;
  const { mask_image: mask } = track;
  return {
    language: canonicalTag(spelling),
    spelling,
    voices: voicesOf(track, placeOf, spelling, context),
    mask: mask === undefined ? null : assetOf(mask, placeOf('mask_image'), context.resolve),
    subtitles: null,
    settings: settingsOf(track),
    labels: row?.labels ?? track.labels ?? NO_LABELS,
    place: row?.place ?? { path, part: 'key' },
  };
}

function voicesOf(
  track: TrackFields,
  placeOf: (field: string) => Place,
  lang: string,
  { name, resolve }: TrackContext,
): ExpandedTrack['voices'] {
  const voice = (field: 'audio' | 'left_audio' | 'right_audio', durationMs: number | undefined): ExpandedVoice => {
    const written = fillTemplate(track[field] ?? '', { lang, name });
    return { asset: assetOf(written, placeOf(field), resolve), durationMs: durationMs ?? null };
  };
  if (track.audio !== undefined) return { kind: 'one', audio: voice('audio', track.duration) };
  return {
    kind: 'two',
    left: voice('left_audio', track.left_duration),
    right: voice('right_audio', track.right_duration),
    order: track.order ?? 'meanwhile',
    durationMs: track.duration ?? null,
  };
}

/** Only the settings of a video or track. */
export function settingsOf(fields: SettingsFields): SettingsFields {
  const { provider, resolution, prompt, seed, options, subtitles, priority } = fields;
  const others = { provider, resolution, prompt, options, subtitles, priority };
  if (Object.values(others).some((value) => value !== undefined)) return { ...others, seed };
  return seed === undefined ? NO_SETTINGS : { seed };
}

/** Those of most tracks of a large batch, of which others set a seed alone. */
const NO_SETTINGS: SettingsFields = {};

/** The form of a language tag that identifies it: that of every spelling of one language is the same. */
export function canonicalTag(spelling: string): string {
  const reading = readLanguageTag(spelling);
  // Unknown tags do not come past the checks of the manifest.
  return 'canonical' in reading ? reading.canonical : spelling;
}
