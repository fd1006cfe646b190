import { type AssetSource, urlContentId } from '@localize/core';
import { prepared } from '../store/prepared.js';
import type { Store } from '../store/store.js';
import { stampNow } from './file-stamp.js';
import { sha256Of } from './hash-file.js';
import { ifReadable } from './if-readable.js';
import { openRegular } from './regular-file.js';

/** Bytes that are read of a file's beginning, middle and end. */
const SAMPLE_BYTES = 16_384;

/**
 * What tells that two files have different contents, without reading the whole of either: their lengths, then samples of
 * them. Same clues prove nothing; different ones do.
 */
export class ContentClues {
  readonly #store: Store | null;
  readonly #samples = new Map<string, Promise<string>>();
  #known: Map<number, KnownFiles> | null = null;

  /** @param store has the contents that are known; `null`: none is. */
  constructor(store: Store | null) {
    this.#store = store;
  }

  byLength(source: AssetSource): string {
    return source.kind === 'url' ? urlContentId(source.url) : String(lengthOf(source));
  }

  bySample(source: AssetSource): Promise<string> {
    return source.kind === 'url' ? Promise.resolve(urlContentId(source.url)) : this.#sampleOf(source.path);
  }

  /** Whether the state may know the content, under whichever path; of a URL nobody keeps whether it does. */
  async isMaybeKnown(source: AssetSource): Promise<boolean> {
    if (source.kind === 'url') return true;
    this.#known ??= knownFiles(this.#store);
    const alike = this.#known.get(lengthOf(source));
    if (alike === undefined) return false;
    if (alike.paths.has(source.path)) return true;
    alike.samples ??= this.#samplesOf(alike.paths);
    const samples = await alike.samples;
    // A file that is no longer there to be compared may have been the same.
    return samples.has(null) || samples.has(await this.#sampleOf(source.path));
  }

  /** `null` stands for those that cannot be read. */
  async #samplesOf(paths: Iterable<string>): Promise<Set<string | null>> {
    const samples = new Set<string | null>();
    for (const path of paths) samples.add(await ifReadable(this.#sampleOf(path)));
    return samples;
  }

  #sampleOf(path: string): Promise<string> {
    const started = this.#samples.get(path) ?? sampleFile(path);
    this.#samples.set(path, started);
    return started;
  }
}

/** Files of one length, of which there may be thousands: voices that were cut to one picture, uncompressed. */
interface KnownFiles {
  readonly paths: Set<string>;
  samples: Promise<Set<string | null>> | null;
}

/** By length. */
function knownFiles(store: Store | null): Map<number, KnownFiles> {
  const known = new Map<number, KnownFiles>();
  if (store === null) return known;
  const rows = prepared<[], { path: string; size: number }>(store, 'SELECT path, size FROM file_hashes').iterate();
  for (const { path, size } of rows) {
    const alike = known.get(size);
    if (alike === undefined) known.set(size, { paths: new Set([path]), samples: null });
    else alike.paths.add(path);
  }
  return known;
}

/** As the plan saw it; `-1` where there is no such file. */
function lengthOf({ path, seen }: Extract<AssetSource, { kind: 'file' }>): number {
  return seen?.bytes ?? stampNow(path)?.bytes ?? -1;
}

async function sampleFile(path: string): Promise<string> {
  const file = await openRegular(path);
  try {
    const { size } = await file.stat();
    const samples = Buffer.alloc(3 * SAMPLE_BYTES);
    const last = Math.max(0, size - SAMPLE_BYTES);
    for (const [index, from] of [0, Math.floor(last / 2), last].entries()) {
      await file.read(samples, index * SAMPLE_BYTES, SAMPLE_BYTES, from);
    }
    return sha256Of(samples);
  } finally {
    await file.close();
  }
}
