import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Thrown when more bytes arrive than the receiver takes. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

export interface StoredContent {
  sha256: string;
  bytes: number;
}

/**
 * Files by the hash of their content, so that equal files are kept once and an overwritten key never changes what an
 * earlier prediction was made from. Everything is streamed; nothing is visible before it is whole.
 */
export class ContentStore {
  readonly #folder: string;
  readonly #incoming: string;

  constructor(dir: string) {
    this.#folder = join(dir, 'content');
    this.#incoming = join(dir, 'incoming');
  }

  async prepare(): Promise<void> {
    // What lies there was being received when the process ended.
    await rm(this.#incoming, { recursive: true, force: true });
    await mkdir(this.#incoming, { recursive: true });
    await mkdir(this.#folder, { recursive: true });
  }

  /** Where the content with this hash lies. */
  file(sha256: string): string {
    return join(this.#folder, sha256.slice(0, 2), sha256);
  }

  /** Stores a stream. Throws TooLargeError, after which nothing is kept, when it exceeds `maximumBytes`. */
  async receive(source: Readable, maximumBytes = Number.POSITIVE_INFINITY): Promise<StoredContent> {
    const partial = join(this.#incoming, randomUUID());
    const hash = createHash('sha256');
    let bytes = 0;
    const meter = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        hash.update(chunk);
        if (bytes > maximumBytes) done(new TooLargeError(`more than ${maximumBytes} bytes`));
        else done(null, chunk);
      },
    });
    try {
      await pipeline(source, meter, createWriteStream(partial));
      const sha256 = hash.digest('hex');
      await mkdir(join(this.#folder, sha256.slice(0, 2)), { recursive: true });
      await rename(partial, this.file(sha256));
      return { sha256, bytes };
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  }

  /** Stores a copy of a local file. */
  async receiveFile(path: string): Promise<StoredContent> {
    return this.receive(createReadStream(path));
  }

  /** Stores the given contents one after the other as one. */
  async join(parts: readonly string[]): Promise<StoredContent> {
    const store = this;
    async function* chunks() {
      for (const sha256 of parts) yield* createReadStream(store.file(sha256));
    }
    return this.receive(Readable.from(chunks()));
  }

  async has(sha256: string): Promise<boolean> {
    return stat(this.file(sha256)).then(
      () => true,
      () => false,
    );
  }
}
