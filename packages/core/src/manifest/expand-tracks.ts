import type { ExpandContext } from './expand-context.js';
import { assetOf, canonicalTag, expandTrack, NO_LABELS, settingsOf } from './expand-track.js';
import type { ExpandedTrack, ExpandedVoice } from './expanded.js';
import { quote } from './fields/scalar.js';
import type { TrackFields, VideoFields } from './manifest.js';
import { type Path, type Place, under } from './manifest-source.js';
import type { TrackFile } from './track-files.js';
import { addTrack, type VideoDraft } from './video-builder.js';

/** The key under `tracks` that stands for every language that its patterns find files of. */
export const EVERY_LANGUAGE = '{lang}';

/** Patterns with `{lang}` that give a video its tracks: of one voice's files, or of two. */
export interface TrackPattern {
  readonly fields: TrackFields;
  readonly path: Path;
}

/** @param path of `tracks` */
export function trackPattern(tracks: VideoFields['tracks'], path: Path): TrackPattern | null {
  if (typeof tracks === 'string') return { fields: { audio: tracks }, path };
  const fields = tracks?.[EVERY_LANGUAGE];
  if (fields === undefined) return null;
  return { fields: typeof fields === 'string' ? { audio: fields } : fields, path: under(path, EVERY_LANGUAGE) };
}

export function templatesOf(pattern: TrackPattern | null): string[] {
  const { audio, left_audio: left, right_audio: right } = pattern?.fields ?? {};
  return [audio, left, right].filter((template) => template !== undefined);
}

/** Gives a video the tracks of its entry: those that stand under a language, then what patterns find for the others. */
export function addTracks(
  draft: VideoDraft,
  name: string,
  { tracks, path }: { tracks: VideoFields['tracks']; path: Path },
  context: ExpandContext,
): void {
  const { resolve } = context.files;
  const own = Object.entries(typeof tracks === 'string' ? {} : (tracks ?? {})).filter(
    ([tag]) => tag !== EVERY_LANGUAGE,
  );
  for (const [tag, track] of own) {
    addTrack(draft, expandTrack(tag, track, under(path, tag), { resolve, name }), context.report);
  }
  const pattern = trackPattern(tracks, path);
  if (pattern === null) return;
  const taken = new Set(own.map(([tag]) => canonicalTag(tag)));
  for (const track of patternTracks(draft, name, pattern, context)) {
    if (!taken.has(track.language)) addTrack(draft, track, context.report);
  }
}

const bySpelling = new Intl.Collator('en', { numeric: true });

/** In the order of their tags. */
function patternTracks(
  draft: VideoDraft,
  name: string,
  pattern: TrackPattern,
  context: ExpandContext,
): ExpandedTrack[] {
  const { fields, path } = pattern;
  const { resolve } = context.files;
  const voice = (field: string, written: string): ExpandedVoice => {
    return { asset: assetOf(written, placeOf(pattern, field), resolve), durationMs: null };
  };
  const trackOf = (spelling: string, voices: ExpandedTrack['voices']): ExpandedTrack => ({
    language: canonicalTag(spelling),
    spelling,
    voices,
    mask: fields.mask_image === undefined ? null : assetOf(fields.mask_image, placeOf(pattern, 'mask_image'), resolve),
    subtitles: null,
    settings: settingsOf(fields),
    labels: fields.labels ?? NO_LABELS,
    place: { path },
  });
  const find = (template: string) =>
    [...context.tracks.find(template, name)].sort((a, b) => bySpelling.compare(a.spelling, b.spelling));
  const { audio, left_audio: left, right_audio: right, order = 'meanwhile' } = fields;
  if (audio !== undefined) {
    return find(audio).map(({ spelling, written }) =>
      trackOf(spelling, { kind: 'one', audio: voice('audio', written) }),
    );
  }
  if (left === undefined || right === undefined) return [];
  const { pairs, alone } = pairUp(find(left), find(right));
  for (const { file, of } of alone) reportAlone(draft, file, of === 'left' ? right : left, pattern, context);
  return pairs.map(({ spelling, files }) => {
    const [leftVoice, rightVoice] = [voice('left_audio', files[0]), voice('right_audio', files[1])];
    return trackOf(spelling, { kind: 'two', left: leftVoice, right: rightVoice, order, durationMs: null });
  });
}

function placeOf({ path }: TrackPattern, field: string): Place {
  return path.at(-1) === EVERY_LANGUAGE ? { path: under(path, field) } : { path };
}

/** Every left voice with every right one of its language: two of one side claim the same track, and that is said. */
function pairUp(left: readonly TrackFile[], right: readonly TrackFile[]) {
  const isSame = (a: TrackFile, b: TrackFile) => canonicalTag(a.spelling) === canonicalTag(b.spelling);
  const pairs = left.flatMap((file) =>
    right
      .filter((other) => isSame(file, other))
      .map((other) => ({ spelling: file.spelling, files: [file.written, other.written] as const })),
  );
  const without = (files: readonly TrackFile[], others: readonly TrackFile[], of: 'left' | 'right') =>
    files.filter((file) => !others.some((other) => isSame(file, other))).map((file) => ({ file, of }));
  return { pairs, alone: [...without(left, right, 'left'), ...without(right, left, 'right')] };
}

/** A hole like a track that is not there at all. */
function reportAlone(
  draft: VideoDraft,
  { spelling, written }: TrackFile,
  template: string,
  { path }: TrackPattern,
  { manifest, report }: ExpandContext,
): void {
  const say = manifest.on_missing_track === 'warn' ? report.warn : report.error;
  say(
    { path },
    {
      code: 'MISSING_TRACK',
      message: `${draft.id} x ${canonicalTag(spelling)} has one voice of two: ${written}, and nothing that matches ${quote(template)}`,
      expected: 'both voices',
    },
  );
}
