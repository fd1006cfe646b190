import { type LanguageNames, languageNames } from '../language/language-names.js';
import { foldedName } from '../text/folded-name.js';
import { checkKind } from './check-kind.js';
import { checkSpellings, checkTags } from './check-spellings.js';
import { checkVoices } from './check-voices.js';
import { EVERY_LANGUAGE } from './expand-tracks.js';
import { looksLikeSecret } from './fields/name-fields.js';
import { isUrl } from './fields/place-fields.js';
import { quote } from './fields/scalar.js';
import type { Path } from './manifest-source.js';
import { nameOf, type PlacedFinding } from './schema-issues.js';
import { noTrack } from './video-builder.js';

type Raw = Readonly<Record<string, unknown>>;

/**
 * Rules that no single field can check. They read the manifest as it was written, whatever else is wrong with it, so
 * that every mistake is said at once.
 */
export function checkWhole(root: unknown): PlacedFinding[] {
  const manifest = asMapping(root);
  if (manifest === null) return [];
  const ids = new Map<string, string>();
  const names = asMapping(manifest.language_names) ?? {};
  const tagOf = languageNames(onlyTexts(names));
  return [
    ...checkSpellings(asList(manifest.languages), (index) => ({ path: ['languages', index] })),
    ...checkNames(Object.keys(names)),
    ...checkKeys(asMapping(manifest.providers) ?? {}),
    ...checkTagKeys(asMapping(manifest.budget)?.languages, ['budget', 'languages'], tagOf),
    ...asList(manifest.videos).flatMap((entry, index) =>
      checkVideo(asMapping(entry), ['videos', index], { ids, tagOf }),
    ),
  ];
}

function checkVideo(
  video: Raw | null,
  path: Path,
  { ids, tagOf }: { ids: Map<string, string>; tagOf: LanguageNames },
): PlacedFinding[] {
  if (video === null) return [];
  return [
    ...checkKind(video, path),
    ...checkId(video, [...path, 'id'], ids),
    ...checkTracks(video.tracks, [...path, 'tracks'], tagOf),
  ];
}

function checkId(video: Raw, path: Path, ids: Map<string, string>): PlacedFinding[] {
  if (typeof video.id !== 'string' || video.from !== undefined) return [];
  // Ids name folders, and some file systems do not tell cases apart.
  const folded = foldedName(video.id);
  const first = ids.get(folded);
  if (first === undefined) {
    ids.set(folded, video.id);
    return [];
  }
  const { source, tracks } = video;
  const isTrackless = source !== undefined && isEmpty(tracks);
  const message =
    first === video.id
      ? `a video with the id ${quote(first)} stands above`
      : `\`id\` is ${quote(video.id)} and above it stands ${quote(first)}, which some file systems do not tell apart`;
  return [
    { place: { path }, finding: { code: 'DUPLICATE_ID', message, expected: 'each id once' } },
    // Only videos with an id of their own come to where the others are asked for their tracks.
    ...(isTrackless ? [{ place: { path: path.slice(0, -1) }, finding: noTrack(video.id) }] : []),
  ];
}

const VOICES = ['audio', 'left_audio', 'right_audio', 'order'];

function checkTracks(value: unknown, path: Path, tagOf: LanguageNames): PlacedFinding[] {
  const tracks = asMapping(value);
  const voice = Object.keys(tracks ?? {}).find((key) => VOICES.includes(key));
  if (voice !== undefined) {
    const message = `\`${voice}\` stands where language tags stand`;
    const expected = 'it under a tag such as de, or under "{lang}" for every language';
    return [{ place: { path: [...path, voice], part: 'key' }, finding: { code: 'LANGUAGE', message, expected } }];
  }
  const { [EVERY_LANGUAGE]: pattern, ...byTag } = tracks ?? {};
  return [
    ...checkTagKeys(byTag, path, tagOf),
    ...(pattern === undefined ? [] : checkPattern(pattern, [...path, EVERY_LANGUAGE])),
    ...Object.entries(tracks ?? {}).flatMap(([tag, each]) => {
      const track = asMapping(each);
      return track === null ? [] : checkVoices(track, [...path, tag]);
    }),
  ];
}

const OF_ONE_TRACK = ['duration', 'left_duration', 'right_duration'];

/** What stands for every language finds its files by `{lang}`, and is as long as they are. */
function checkPattern(value: unknown, path: Path): PlacedFinding[] {
  const track = asMapping(value);
  const files =
    track === null ? [[path, value] as const] : VOICES.slice(0, 3).map((key) => [[...path, key], track[key]] as const);
  const expected = 'a pattern with {lang} in it, such as ./audio/{lang}/{name}.mp3';
  return [
    ...files.flatMap(([at, written]): PlacedFinding[] => {
      if (typeof written !== 'string' || (written.includes(EVERY_LANGUAGE) && !isUrl(written))) return [];
      const message = isUrl(written) ? `${nameOf(at)} is a URL` : `${nameOf(at)} has no {lang} in it`;
      return [{ place: { path: at }, finding: { code: 'VALUE', message, expected } }];
    }),
    ...OF_ONE_TRACK.filter((field) => track?.[field] !== undefined).map((field): PlacedFinding => {
      const message = `\`${field}\` is of one track, and this stands for every language`;
      return {
        place: { path: [...path, field], part: 'key' },
        finding: { code: 'CONFLICT', message, expected: 'no such field' },
      };
    }),
  ];
}

/** A mapping whose keys are language tags. */
function checkTagKeys(value: unknown, path: Path, tagOf: LanguageNames): PlacedFinding[] {
  const tags = Object.keys(asMapping(value) ?? {});
  return [
    ...checkTags(tags, path, tagOf),
    ...checkSpellings(tags, (index) => ({ path: [...path, tags[index] ?? ''], part: 'key' })),
  ];
}

/** Two names of languages that a file system may take for one. */
function checkNames(names: readonly string[]): PlacedFinding[] {
  const seen = new Map<string, string>();
  return names.flatMap((name) => {
    const first = seen.get(foldedName(name));
    if (first === undefined) {
      seen.set(foldedName(name), name);
      return [];
    }
    const message = `${quote(name)} and ${quote(first)} are one name, since cases are not told apart`;
    const place = { path: ['language_names', name], part: 'key' as const };
    return [{ place, finding: { code: 'CONFLICT' as const, message, expected: 'one of them' } }];
  });
}

/** One variable twice would be counted as two accounts. */
function checkKeys(providers: Raw): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  for (const [provider, section] of Object.entries(providers)) {
    const seen = new Set<unknown>();
    for (const [index, key] of asList(asMapping(section)?.keys).entries()) {
      const variable = asMapping(key)?.env ?? key;
      if (typeof variable === 'string' && seen.has(variable) && !looksLikeSecret(variable)) {
        const message = `${variable} stands here a second time`;
        const place = { path: ['providers', provider, 'keys', index] };
        findings.push({ place, finding: { code: 'CONFLICT', message, expected: 'each key once' } });
      }
      seen.add(variable);
    }
  }
  return findings;
}

function asMapping(value: unknown): Raw | null {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Raw) : null;
}

function isEmpty(value: unknown): boolean {
  const mapping = asMapping(value);
  return mapping !== null && Object.keys(mapping).length === 0;
}

function onlyTexts(values: Raw): Record<string, string> {
  const texts = Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(texts);
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
