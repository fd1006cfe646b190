import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { FileStamp } from '@localize/core';
import PQueue from 'p-queue';
import { findRow } from '../store/rows.js';
import { fileHashes } from '../store/schema.js';
import type { Store } from '../store/store.js';
import { FileLooks, isSameStamp } from './file-stamp.js';

/** SHA-256 of a file, streamed, as lower-case hex. */
export async function sha256File(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash, signal ? { signal } : {});
  return hash.digest('hex');
}

/** SHA-256 of bytes, as lower-case hex. */
export function sha256Of(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * Content ids of local files: `sha256:<hex>`. A file is read once and again only when its stamp changed; twenty
 * languages of one video ask for it twenty times and read it once.
 */
export class ContentIds {
  readonly #store: Store | null;
  readonly #queue = new PQueue({ concurrency: 2 });
  readonly #running = new Map<string, Promise<string>>();
  readonly looks = new FileLooks();

  /** @param store remembers hashes; `null`: there is none, so that every file is read. */
  constructor(store: Store | null) {
    this.#store = store;
  }

  /** @throws the file system's error when the file cannot be read. */
  async of(path: string): Promise<string> {
    const running = this.#running.get(path);
    if (running) return running;
    const started = this.#known(path).finally(() => this.#running.delete(path));
    this.#running.set(path, started);
    return started;
  }

  async #known(path: string): Promise<string> {
    const stamp = await this.looks.look(path);
    const row = this.#store && findRow(this.#store, fileHashes, 'WHERE path = ?', path);
    if (row && isSameStamp({ bytes: row.size, times: row.times }, stamp)) return `sha256:${row.sha256}`;
    return this.#queue.add(() => this.#read(path, stamp));
  }

  async #read(path: string, { bytes: size, times }: FileStamp): Promise<string> {
    const sha256 = await sha256File(path);
    if (this.#store === null || this.#store.readonly) return `sha256:${sha256}`;
    const row = { path, size, times, sha256 };
    this.#store.db.insert(fileHashes).values(row).onConflictDoUpdate({ target: fileHashes.path, set: row }).run();
    return `sha256:${sha256}`;
  }
}
