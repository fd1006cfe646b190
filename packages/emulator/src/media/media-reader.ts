import { MediaError, type MediaFacts, probe } from '@localize/media';
import type { ContentStore } from './content-store.js';

/** Facts of a stored media file, or why it can't be read as one. */
export type Measured = { facts: MediaFacts } | { unreadable: string };

/** Measures stored media by opening it, each content once. */
export class MediaReader {
  readonly #contents: ContentStore;
  readonly #known = new Map<string, Promise<Measured>>();

  constructor(contents: ContentStore) {
    this.#contents = contents;
  }

  measure(sha256: string): Promise<Measured> {
    const known = this.#known.get(sha256);
    if (known !== undefined) return known;
    const measuring = this.#open(sha256);
    this.#known.set(sha256, measuring);
    // A fault of the machine may pass; a fault of the file does not.
    measuring.catch(() => this.#known.delete(sha256));
    return measuring;
  }

  async #open(sha256: string): Promise<Measured> {
    try {
      return { facts: await probe(this.#contents.file(sha256)) };
    } catch (error) {
      if (MediaError.isInstance(error)) return { unreadable: `not a usable media file (${error.code})` };
      throw error;
    }
  }
}

/** Length of a file's sound in milliseconds. */
export function soundMs(facts: MediaFacts): number {
  return facts.audioDurationMs ?? facts.durationMs;
}
