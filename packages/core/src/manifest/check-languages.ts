import { languageName, likelyCountry } from '../language/language-slips.js';
import { readLanguageTag } from '../language/language-tag.js';
import type { ExpandContext } from './expand-context.js';
import { canonicalTag } from './expand-track.js';
import { type TrackPattern, templatesOf, trackPattern } from './expand-tracks.js';
import type { ExpandedTrack } from './expanded.js';
import { quote } from './fields/scalar.js';
import { hasTrack, noTrack, type Reporter, type VideoDraft } from './video-builder.js';

/** Compares every video with `languages`: a hole is an error or a warning, a further language is a warning. */
export function checkLanguages(videos: readonly VideoDraft[], { manifest, report }: ExpandContext): void {
  warnOfCountries(videos, report);
  if (manifest.languages === undefined) return;
  const expected = new Set(manifest.languages.map(canonicalTag));
  for (const video of videos) {
    if (video.tracks.length === 0 && video.hasFaultyTrack) continue;
    const missing = [...expected].filter((language) => !hasTrack(video, language));
    if (missing.length > 0) {
      const holes = missing.map((language) => `${video.id} x ${language}`).join(', ');
      const finding = {
        code: 'MISSING_TRACK',
        message: `no track for ${holes}`,
        expected: holeHint(video, missing),
      } as const;
      (manifest.on_missing_track === 'warn' ? report.warn : report.error)(video.place, finding);
    }
  }
  warnOfExtras(videos, expected, report);
}

function* eachTrack(videos: readonly VideoDraft[]): Generator<ExpandedTrack> {
  for (const video of videos) yield* video.tracks;
}

/** `kr` is Kanuri, and the country whose language is `ko`. One warning a language, at the first video that has it. */
function warnOfCountries(videos: readonly VideoDraft[], report: Reporter): void {
  const seen = new Set<string>();
  for (const track of eachTrack(videos)) {
    if (seen.has(track.language)) continue;
    seen.add(track.language);
    const likely = likelyCountry(track.language);
    if (likely === null) continue;
    const message = `${quote(track.spelling)} is ${languageName(track.language)}`;
    report.warn(track.place, { code: 'LANGUAGE', message, expected: `${likely} if the country is meant` });
  }
}

/** One warning a language, at the first video that has it. */
function warnOfExtras(videos: readonly VideoDraft[], expected: ReadonlySet<string>, report: Reporter): void {
  const extras = new Map<string, { first: ExpandedTrack; videoIds: string[] }>();
  for (const video of videos) {
    for (const track of video.tracks) {
      if (expected.has(track.language)) continue;
      const extra = extras.get(track.language);
      if (extra === undefined) extras.set(track.language, { first: track, videoIds: [video.id] });
      else extra.videoIds.push(video.id);
    }
  }
  for (const [language, { first, videoIds }] of extras) {
    const who = videoIds.length === 1 ? `${videoIds[0]} has` : `${videoIds.length} videos have`;
    const message = `${who} a track for ${language}, which is not among \`languages\``;
    report.warn(first.place, { code: 'EXTRA_TRACK', message });
  }
}

function holeHint(video: VideoDraft, missing: readonly string[]): string {
  const base = (tag: string) => tag.split('-')[0];
  const near = video.tracks.find(({ language }) => missing.some((hole) => base(hole) === base(language)));
  const all = 'a track for each of `languages`';
  return near === undefined ? all : `${all}; it has ${near.language}`;
}

/** Videos to which nothing gave a track, and files whose language nobody knows. */
export function reportTrackless(videos: readonly VideoDraft[], context: ExpandContext): void {
  const { manifest, report, tracks } = context;
  const expectedSet = manifest.languages !== undefined;
  for (const video of videos) {
    if (video.tracks.length > 0 || video.hasFaultyTrack) continue;
    const [template] = templatesOf(patternOf(video, context));
    if (template === undefined) {
      report.error(video.place, noTrack(video.id));
    } else if (
      !expectedSet &&
      !(tracks.isEmpty(template) && 'path' in video.place && video.place.path.at(-1) === 'from')
    ) {
      report.error(video.place, {
        code: 'NO_MATCH',
        message: `no file matches ${quote(template)} for ${video.id}`,
        expected: 'an audio file for it',
      });
    }
  }
  reportBadLanguages(context);
}

function patternOf({ place }: VideoDraft, { manifest }: ExpandContext): TrackPattern | null {
  const [, index] = 'path' in place ? place.path : [];
  return trackPattern(manifest.videos[Number(index)]?.tracks, ['videos', Number(index), 'tracks']);
}

/** Folders need not be named by tags. */
function namesHint(spelling: string, suggestion: string): string {
  const name = /^[\w-]+$/.test(spelling) ? spelling : quote(spelling);
  const tag = 'canonical' in readLanguageTag(suggestion) ? suggestion : 'its tag';
  return `${suggestion}, or language_names: { ${name}: ${tag} }`;
}

function reportBadLanguages({ manifest, report, tracks }: ExpandContext): void {
  const seen = new Set<string>();
  const patterns = manifest.videos.map((fields, index) => trackPattern(fields.tracks, ['videos', index, 'tracks']));
  for (const { template, path } of patterns.flatMap(placedTemplates)) {
    if (seen.has(template)) continue;
    seen.add(template);
    for (const { written, spelling } of tracks.unclaimed(template).badLanguage) {
      if (seen.has(written)) continue;
      seen.add(written);
      const reading = readLanguageTag(spelling);
      const message = `${written} has ${quote(spelling)} in the place of {lang}, which is no known language tag`;
      const expected = 'expected' in reading ? namesHint(spelling, reading.expected) : 'another name';
      report.error({ path }, { code: 'LANGUAGE', message, expected });
    }
  }
}

function placedTemplates(pattern: TrackPattern | null) {
  return templatesOf(pattern).map((template) => ({ template, path: pattern?.path ?? [] }));
}
