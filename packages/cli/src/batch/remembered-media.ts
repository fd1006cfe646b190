import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FileStamp, ListedAsset, MediaFactsLike } from '@localize/core';
import { type FileTimes, INSPECTION } from '@localize/media';
import { fileStamp } from '@localize/runner';
import { userCacheFolder } from '../config/user-cache-folder.js';
import type { Variables } from '../keys/read-environment.js';

/**
 * What was found in the media files of one manifest when they were last looked at, so that `plan` after `validate` looks
 * at none of them again. A cache, and no state: without it, or with one that is damaged or of another version, every file
 * is looked at. Each process replaces it as a whole, so that two at once can only lose what both would find again.
 */
export interface RememberedMedia {
  /** Whether there is anything of a file, which may have changed since. */
  knows(asset: ListedAsset): boolean;
  /** What was found in a file, as long as it is still the same one. */
  recall(asset: ListedAsset, stamp: FileStamp): MediaFactsLike | null;
  note(asset: ListedAsset, times: FileTimes, facts: MediaFactsLike): void;
  /** Writes down what is new. @param isWhole whether every file was looked at: then those that were not named are gone */
  save(isWhole: boolean): void;
}

/** A version of its own for the shape of the cache. */
const FORMAT = 2;
/** Fewer files are looked at in no time. */
const FEWEST = 50;
/** About 400 bytes each. */
const MOST = 250_000;
/** Manifests; those that were used last. */
const MOST_CACHES = 32;

export interface MediaCacheOptions {
  /** Absolute. */
  readonly manifestPath: string;
  readonly version: string;
  readonly variables: Variables;
}

/** Of one manifest; what another version has looked at is looked at again, and a damaged file is taken for an empty one. */
export function openRememberedMedia({ manifestPath, version, variables }: MediaCacheOptions): RememberedMedia {
  const name = createHash('sha256').update(manifestPath).digest('hex').slice(0, 24);
  const path = join(userCacheFolder(variables), 'media', `${name}.tsv`);
  const madeBy = JSON.stringify([FORMAT, INSPECTION, version, manifestPath]);
  const former = readLines(path, madeBy);
  const current = new Map<string, string>();
  let hasNews = false;

  return {
    knows: (asset) => former.has(nameOf(asset)),
    recall(asset, stamp) {
      const line = former.get(nameOf(asset));
      const facts = line === undefined ? null : factsIn(line, textOf(stamp));
      if (line !== undefined && facts !== null) current.set(nameOf(asset), line);
      return facts;
    },
    note(asset, times, facts) {
      if (current.size >= MOST || isBeingWritten(times)) return;
      current.set(nameOf(asset), [nameOf(asset), textOf(fileStamp(times)), JSON.stringify(facts)].join('\t'));
      hasNews = true;
    },
    save(isWhole) {
      const lines = isWhole ? current : new Map([...former, ...current]);
      if (!hasNews || lines.size < FEWEST) return;
      writeLines(path, [madeBy, ...[...lines.values()].slice(0, MOST)]);
    },
  };
}

/** Has neither tab nor line break in it. */
function nameOf({ name }: ListedAsset): string {
  return JSON.stringify(name);
}

function textOf({ bytes, times }: FileStamp): string {
  return `${bytes} ${times}`;
}

/** What file systems' clocks tell apart; some count in seconds, or in two. */
const FINE_MS = 100n;
const COARSE_MS = 2_500n;

/** A file that was just written may be written again without another time. */
function isBeingWritten({ mtimeNs, ctimeNs }: FileTimes): boolean {
  const age = BigInt(Date.now()) - (mtimeNs > ctimeNs ? mtimeNs : ctimeNs) / 1_000_000n;
  return age < (ctimeNs % 1_000_000_000n === 0n ? COARSE_MS : FINE_MS);
}

/** The facts of a line that is about this very state of its file; `null` of any other, and of a damaged one. */
function factsIn(line: string, stamp: string): MediaFactsLike | null {
  const [, noted, json = ''] = line.split('\t', 3);
  if (noted !== stamp) return null;
  try {
    return JSON.parse(json) as MediaFactsLike;
  } catch {
    return null;
  }
}

/** Lines by the name that each begins with; none where there is no cache that fits. */
function readLines(path: string, madeBy: string): Map<string, string> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return new Map();
  }
  const [head, ...lines] = text.split('\n');
  return head === madeBy ? new Map(lines.map((line) => [line.slice(0, line.indexOf('\t')), line])) : new Map();
}

/** What cannot be written is looked at again. */
function writeLines(path: string, lines: readonly string[]): void {
  const part = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(part, lines.join('\n'), { mode: 0o600 });
    renameSync(part, path);
    removeOldest(dirname(path));
  } catch {
    rmSync(part, { force: true });
  }
}

function removeOldest(folder: string): void {
  const caches = readdirSync(folder).map((name) => {
    const path = join(folder, name);
    return { path, usedMs: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 };
  });
  const oldest = caches.sort((a, b) => b.usedMs - a.usedMs).slice(MOST_CACHES);
  for (const { path } of oldest) rmSync(path, { force: true });
}
