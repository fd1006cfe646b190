import { type ImageFacts, MediaError, type MediaFacts, probe, probeImage } from '@localize/media';
import type { ContentStore } from './content-store.js';

/** Facts of a stored media file, or why it can't be read as one. */
export type Measured<Facts = MediaFacts> = { facts: Facts } | { unreadable: string };

/** Measures stored media by opening it, each content once. */
export class MediaReader {
  readonly #contents: ContentStore;
  readonly #media = new Map<string, Promise<Measured>>();
  readonly #images = new Map<string, Promise<Measured<ImageFacts>>>();

  constructor(contents: ContentStore) {
    this.#contents = contents;
  }

  measure(sha256: string): Promise<Measured> {
    return this.#once(this.#media, sha256, probe);
  }

  measureImage(sha256: string): Promise<Measured<ImageFacts>> {
    return this.#once(this.#images, sha256, probeImage);
  }

  #once<Facts>(
    known: Map<string, Promise<Measured<Facts>>>,
    sha256: string,
    open: (path: string) => Promise<Facts>,
  ): Promise<Measured<Facts>> {
    const before = known.get(sha256);
    if (before !== undefined) return before;
    const measuring = this.#open(sha256, open);
    known.set(sha256, measuring);
    // A fault of the machine may pass; a fault of the file does not.
    measuring.catch(() => known.delete(sha256));
    return measuring;
  }

  async #open<Facts>(sha256: string, open: (path: string) => Promise<Facts>): Promise<Measured<Facts>> {
    try {
      return { facts: await open(this.#contents.file(sha256)) };
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
