import { createHash, hash as hashOnce } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { AssetSource, FileStamp } from '@localize/core';
import PQueue from 'p-queue';
import { findRow } from '../store/rows.js';
import { fileHashes } from '../store/schema/schema.js';
import type { Store } from '../store/store.js';
import { FileLooks, isSameStamp, isWrittenAlike } from './file-stamp.js';
import { openRegular } from './regular-file.js';

/** SHA-256 of a file, streamed, as lower-case hex. @throws the file system's error, also of what is no regular file */
export async function sha256File(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const file = await openRegular(path);
  await pipeline(file.createReadStream(), hash, signal ? { signal } : {});
  return hash.digest('hex');
}

/** SHA-256 of bytes, or of a text's UTF-8, as lower-case hex; in one call, since making an object for it takes longer than that. */
export function sha256Of(content: Uint8Array | string): string {
  return hashOnce('sha256', content, 'hex');
}

/** What a state knows of a file as it was with this stamp; `null`: nobody has hashed it. */
export function knownContentId(store: Store, path: string, stamp: FileStamp): string | null {
  const row = findRow(store, fileHashes, 'WHERE path = ?', path);
  return row && isSameStamp({ bytes: row.size, times: row.times }, stamp) ? `sha256:${row.sha256}` : null;
}

/**
 * Content ids of local files: `sha256:<hex>`. A file is read once and again only when its stamp changed; twenty
 * languages of one video ask for it twenty times and read it once.
 */
export class ContentIds {
  readonly #store: Store | null;
  readonly #queue = new PQueue({ concurrency: 2 });
  readonly #running = new Map<string, Promise<string>>();
  /** What was read where no store remembers it. */
  readonly #unsaved = new Map<string, { readonly stamp: FileStamp; readonly contentId: string }>();
  /** What was found of files whose stamps have changed. */
  readonly #compared = new Map<string, Promise<boolean>>();
  readonly looks = new FileLooks();

  /** @param store remembers hashes for other processes too; `null`: there is none */
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

  /**
   * A source with the stamp that it has now, if it still is what the plan looked at; its length, and with it the price, may
   * be another otherwise. A backup that links a file, or a label, changes its stamp too: then the contents tell, or the time
   * of modification where nobody had hashed them.
   * @throws the file system's error
   */
  async asPlanned(source: AssetSource): Promise<AssetSource | null> {
    if (source.kind !== 'file' || source.seen === undefined) return source;
    const { path, seen } = source;
    const now = await this.looks.look(path);
    if (isSameStamp(now, seen)) return source;
    const name = `${path} ${seen.times} ${now.times}`;
    const compared = this.#compared.get(name) ?? this.#isSameContent(path, seen, now);
    this.#compared.set(name, compared);
    return (await compared) ? { ...source, seen: now } : null;
  }

  async #isSameContent(path: string, seen: FileStamp, now: FileStamp): Promise<boolean> {
    if (seen.bytes !== now.bytes) return false;
    const known = this.#hashedAt(path, seen);
    return known === null ? isWrittenAlike(seen, now) : known === (await this.of(path));
  }

  async #known(path: string): Promise<string> {
    const stamp = await this.looks.look(path);
    return this.#hashedAt(path, stamp) ?? this.#queue.add(() => this.#read(path, stamp));
  }

  #hashedAt(path: string, stamp: FileStamp): string | null {
    const unsaved = this.#unsaved.get(path);
    if (unsaved && isSameStamp(unsaved.stamp, stamp)) return unsaved.contentId;
    return this.#store && knownContentId(this.#store, path, stamp);
  }

  async #read(path: string, stamp: FileStamp): Promise<string> {
    const sha256 = await sha256File(path);
    const contentId = `sha256:${sha256}`;
    if (this.#store === null || this.#store.readonly) {
      this.#unsaved.set(path, { stamp, contentId });
      return contentId;
    }
    const row = { path, size: stamp.bytes, times: stamp.times, sha256 };
    this.#store.db.insert(fileHashes).values(row).onConflictDoUpdate({ target: fileHashes.path, set: row }).run();
    return contentId;
  }
}
