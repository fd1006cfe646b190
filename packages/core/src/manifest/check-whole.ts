import { readLanguageTag } from '../language/language-tag.js';
import { checkVoices } from './check-voices.js';
import { looksLikeSecret } from './fields/name-fields.js';
import { quote } from './fields/scalar.js';
import type { Finding } from './manifest-issue.js';
import type { Path } from './manifest-source.js';
import type { PlacedFinding } from './schema-issues.js';

type Raw = Readonly<Record<string, unknown>>;

/**
 * Rules that no single field can check. They read the manifest as it was written, whatever else is wrong with it, so
 * that every mistake is said at once.
 */
export function checkWhole(root: unknown): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  const say = (path: Path, finding: Finding, part: 'key' | 'value' = 'value') =>
    findings.push({ place: { path, part }, finding });
  const manifest = asMapping(root);
  if (manifest === null) return findings;
  checkSpellings(
    asList(manifest.languages).map((tag, index) => [['languages', index], tag]),
    'value',
    say,
  );
  checkKeys(asMapping(manifest.providers) ?? {}, say);
  const ids = new Map<string, string>();
  asList(manifest.videos).forEach((entry, index) => {
    const video = asMapping(entry);
    if (video === null) return;
    checkKind(video, ['videos', index], say);
    checkId(video, ['videos', index], ids, say);
    checkTracks(video.tracks, ['videos', index, 'tracks'], findings, say);
  });
  return findings;
}

/** One variable twice would be counted as two accounts. */
function checkKeys(providers: Raw, say: Say): void {
  for (const [provider, section] of Object.entries(providers)) {
    const seen = new Set<unknown>();
    asList(asMapping(section)?.keys).forEach((key, index) => {
      const variable = asMapping(key)?.env ?? key;
      if (typeof variable === 'string' && seen.has(variable) && !looksLikeSecret(variable)) {
        const finding = {
          code: 'CONFLICT',
          message: `${variable} stands here a second time`,
          expected: 'each key once',
        } as const;
        say(['providers', provider, 'keys', index], finding);
      }
      seen.add(variable);
    });
  }
}

type Say = (path: Path, finding: Finding, part?: 'key' | 'value') => void;

const KINDS = ['source', 'from', 'csv'] as const;
/** What an entry of each kind cannot have. */
const FOREIGN = {
  source: [],
  from: ['duration', 'mask_image'],
  csv: ['id', 'duration', 'mask_image', 'tracks'],
} as const;

function checkKind(video: Raw, path: Path, say: Say): void {
  const kinds = KINDS.filter((kind) => video[kind] !== undefined);
  const [kind, other] = kinds;
  if (kind === undefined) {
    say(path, {
      code: 'MISSING',
      message: `\`source\` is missing in ${nameVideo(video, path)}`,
      expected: 'source, or from with a pattern, or csv with a file',
    });
    return;
  }
  if (other !== undefined) {
    say(
      [...path, other],
      {
        code: 'CONFLICT',
        message: `\`${other}\` cannot stand beside \`${kind}\``,
        expected: 'one of source, from and csv',
      },
      'key',
    );
  }
  for (const field of FOREIGN[kind]) {
    if (video[field] === undefined) continue;
    const expected = kind === 'csv' ? 'a column of that file' : 'an item with source for that video';
    say(
      [...path, field],
      { code: 'CONFLICT', message: `\`${field}\` cannot stand beside \`${kind}\``, expected },
      'key',
    );
  }
  if (kind === 'source' && video.id === undefined) {
    say(path, {
      code: 'MISSING',
      message: `\`id\` is missing in ${nameVideo(video, path)}`,
      expected: 'a name of letters, digits and . _ -',
    });
  }
  if (kind === 'from' && typeof video.id === 'string' && !video.id.includes('{')) {
    say([...path, 'id'], {
      code: 'VALUE',
      message: `\`id\` is ${quote(video.id)} for every match`,
      expected: 'a pattern with {name} in it',
    });
  }
  if (kind === 'source' && typeof video.id === 'string' && video.id.includes('{')) {
    say([...path, 'id'], {
      code: 'VALUE',
      message: `\`id\` is ${quote(video.id)}`,
      expected: 'a plain name; {name} belongs to `from`',
    });
  }
  if (kind === 'from' && video.tracks === undefined) {
    say(path, {
      code: 'MISSING',
      message: `\`tracks\` is missing in ${nameVideo(video, path)}`,
      expected: 'a pattern such as ./audio/{lang}/{name}.mp3',
    });
  }
}

function checkId(video: Raw, path: Path, ids: Map<string, string>, say: Say): void {
  if (typeof video.id !== 'string' || video.from !== undefined) return;
  // Ids name folders, and some file systems do not tell cases apart.
  const folded = video.id.normalize('NFC').toLowerCase();
  const first = ids.get(folded);
  if (first === undefined) ids.set(folded, video.id);
  else {
    const message =
      first === video.id
        ? `a video with the id ${quote(first)} stands above`
        : `\`id\` is ${quote(video.id)} and above it stands ${quote(first)}, which some file systems do not tell apart`;
    say([...path, 'id'], {
      code: 'DUPLICATE_ID',
      message,
      expected: 'each id once',
    });
  }
}

function checkTracks(value: unknown, path: Path, findings: PlacedFinding[], say: Say): void {
  const tracks = asMapping(value);
  if (tracks === null) return;
  checkSpellings(
    Object.keys(tracks).map((tag) => [[...path, tag], tag]),
    'key',
    say,
    true,
  );
  for (const [tag, entry] of Object.entries(tracks)) {
    const track = asMapping(entry);
    if (track !== null) findings.push(...checkVoices(track, [...path, tag]));
  }
}

/** Unknown tags and two spellings of one language. */
function checkSpellings(
  tags: readonly (readonly [Path, unknown])[],
  part: 'key' | 'value',
  say: Say,
  unknown = false,
): void {
  const seen = new Map<string, string>();
  for (const [path, tag] of tags) {
    if (typeof tag !== 'string') continue;
    const reading = readLanguageTag(tag);
    if (!('canonical' in reading)) {
      if (unknown)
        say(path, { code: 'LANGUAGE', message: `${quote(tag)} ${reading.problem}`, expected: reading.expected }, part);
      continue;
    }
    const first = seen.get(reading.canonical);
    if (first === undefined) seen.set(reading.canonical, tag);
    else
      say(
        path,
        {
          code: 'DUPLICATE_LANGUAGE',
          message: `${quote(tag)} and ${quote(first)} are one language, ${reading.canonical}`,
          expected: 'one of them',
        },
        part,
      );
  }
}

function nameVideo(video: Raw, path: Path): string {
  return typeof video.id === 'string' ? `video ${video.id}` : `video ${Number(path[1]) + 1}`;
}

function asMapping(value: unknown): Raw | null {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Raw) : null;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
