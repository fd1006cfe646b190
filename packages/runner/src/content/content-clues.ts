import { statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { type AssetSource, urlContentId } from '@localize/core';
import { prepared } from '../store/prepared.js';
import type { Store } from '../store/store.js';
import { sha256Of } from './hash-file.js';
import { ifReadable } from './if-readable.js';

/** Bytes that are read of a file's beginning, middle and end. */
const SAMPLE_BYTES = 16_384;

/**
 * What tells that two files have different contents, without reading the whole of either: their lengths, then samples of
 * them. Same clues prove nothing; different ones do.
 */
export class ContentClues {
  readonly #store: Store | null;
  readonly #samples = new Map<string, Promise<string>>();
  #known: Map<number, string[]> | null = null;

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
    const alike = this.#known.get(lengthOf(source)) ?? [];
    if (alike.includes(source.path)) return true;
    for (const path of alike) if (await this.#isAlike(source.path, path)) return true;
    return false;
  }

  /** A file that is no longer there to be compared may have been the same. */
  async #isAlike(path: string, known: string): Promise<boolean> {
    const sample = await ifReadable(this.#sampleOf(known));
    return sample === null || sample === (await this.#sampleOf(path));
  }

  #sampleOf(path: string): Promise<string> {
    const started = this.#samples.get(path) ?? sampleFile(path);
    this.#samples.set(path, started);
    return started;
  }
}

/** By length. */
function knownFiles(store: Store | null): Map<number, string[]> {
  const known = new Map<number, string[]>();
  if (store === null) return known;
  const rows = prepared<[], { path: string; size: number }>(store, 'SELECT path, size FROM file_hashes').iterate();
  for (const { path, size } of rows) known.set(size, [...(known.get(size) ?? []), path]);
  return known;
}

/** As the plan saw it; `-1` where there is no such file. */
function lengthOf({ path, seen }: Extract<AssetSource, { kind: 'file' }>): number {
  return seen?.bytes ?? statSync(path, { throwIfNoEntry: false })?.size ?? -1;
}

async function sampleFile(path: string): Promise<string> {
  const file = await open(path);
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
