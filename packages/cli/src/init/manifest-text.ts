import type { ProviderFacts } from '@localize/core';
import type { VideoEntry } from './arrange-videos.js';
import { type FoundTrack, isTwoVoices } from './match-audio.js';

export interface ManifestContents {
  readonly batch: string;
  readonly languages: readonly string[];
  /** Some video lacks some language. */
  readonly hasHoles: boolean;
  /** Provider or route ids, in order of preference. */
  readonly choices: readonly string[];
  readonly providers: readonly ProviderFacts[];
  readonly entries: readonly VideoEntry[];
  /** The route that two voices are sent to; `null` where the choices take in one. */
  readonly twoVoiceRoute: string | null;
}

/** What a line of a manifest is about. */
export interface Owner {
  readonly entry: VideoEntry;
  /** Of a video's track; absent where the line is about all of the entry. */
  readonly track?: FoundTrack;
}

export interface DraftManifest {
  readonly text: string;
  /** By line, from 1. */
  readonly owners: ReadonlyMap<number, Owner>;
}

/** A manifest with comments that says what was found, and what else could be said. */
export function draftManifest(contents: ManifestContents): DraftManifest {
  const owners = new Map<number, Owner>();
  let text = headText(contents);
  const add = (block: string, owner: Owner) => {
    const first = text.split('\n').length;
    text += block;
    for (let line = first; line < text.split('\n').length; line += 1) owners.set(line, owner);
  };
  for (const [index, entry] of contents.entries.entries()) {
    if (index > 0) text += '\n';
    add(entryText(entry), { entry });
    if (entry.kind === 'pattern') continue;
    for (const track of entry.tracks) add(trackText(track, contents.twoVoiceRoute), { entry, track });
  }
  return { text, owners };
}

function headText(contents: ManifestContents): string {
  const { batch, languages, hasHoles, choices, providers } = contents;
  return `# yaml-language-server: $schema=./manifest.schema.json
# (for completion in editors: localize schema > manifest.schema.json)
#
#   localize plan                what each video would cost; spends nothing
#   localize run --emulate       all of it on the built-in emulator: no keys, no money
#   localize run                 the real thing; may be stopped and run again at any time
version: 1
batch: ${scalar(batch)}

# Every video must have these; what is missing is ${hasHoles ? 'a warning. Delete the second line to make it an error' : 'an error'}.
languages: [${languages.map(scalar).join(', ')}]
${namesText(contents)}${hasHoles ? 'on_missing_track: warn\n' : ''}
# What holds for all videos. A video or a track may say otherwise; the nearest wins.
defaults:
  # In order of preference; localize routes shows what each takes and costs.
  provider: [${choices.map(scalar).join(', ')}]
  prompt: A presenter speaking to camera
  # resolution: 720p
  # seed: 42

# A run stops before it spends more than this.
# budget: { max_usd: 50 }

# Localized videos go to ./localized/${batch}/.
output:
  dir: ./localized
  name: "{video}/{video}.{lang}.mp4"

providers:
  # Names of environment variables that hold the keys, never a key itself; .env beside this file is read too.
${providers.map(({ id, keyVariable }) => `  ${id}: { keys: [${keyVariable}] }\n`).join('')}
videos:
`;
}

/** What stands for a language in the files of a pattern, where that is no tag. */
function namesText({ entries }: ManifestContents): string {
  const tracks = entries.flatMap((entry) => (entry.kind === 'pattern' ? entry.apart : []));
  const named = tracks.flatMap((entry) => (entry.kind === 'video' ? entry.tracks : []));
  const names = new Map(named.flatMap((track) => (isTwoVoices(track) ? [] : [[track.named, track.language]])));
  const other = [...names].filter(([name, language]) => name !== language);
  if (other.length === 0) return '';
  const pairs = other.map(([name = '', language = '']) => `${scalar(name)}: ${scalar(language)}`);
  return `# What the names of files say in place of a language tag.\nlanguage_names: { ${pairs.join(', ')} }\n`;
}

function entryText(entry: VideoEntry): string {
  if (entry.kind === 'pattern') {
    return `  # ${entry.videos} videos, and more when there are more files: {name} is a video's name, {lang} a language.
  - from: ${scalar(entry.from)}
    id: "{name}"
    tracks: ${scalar(entry.tracks)}
`;
  }
  return `  - id: ${scalar(entry.id)}\n    source: ${scalar(entry.source)}\n    tracks:\n`;
}

function trackText(track: FoundTrack, twoVoiceRoute: string | null): string {
  const language = scalar(track.language);
  if (!isTwoVoices(track)) return `      ${language}: ${scalar(track.path)}\n`;
  return `      ${language}:
        left_audio: ${scalar(track.left)}
        right_audio: ${scalar(track.right)}
        order: left_right   # or right_left, or meanwhile: both at once
${twoVoiceRoute === null ? '' : `        provider: ${twoVoiceRoute}\n`}`;
}

/** Plain where YAML takes it for nothing but text. */
function scalar(text: string): string {
  return /^(\.{1,2}\/)?[A-Za-z][\w./-]*$/.test(text) && !/^(true|false|null)$/i.test(text)
    ? text
    : JSON.stringify(text);
}
