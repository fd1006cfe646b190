import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type FileHandle, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { bootId } from '../content/boot-id.js';
import { sha256Of } from '../content/hash-file.js';
import { openIn } from '../content/synced-file.js';

/**
 * Up to this size a download is in memory until it is whole, and one that a kill cut starts over: writing it, reading it
 * and marking it as resumable would cost more.
 */
const WORTH_RESUMING_BYTES = 1024 * 1024;

/** Where a part ends, and what names the object that it is a part of. */
export interface ResumePoint {
  readonly bytes: number;
  readonly validator: string;
}

/**
 * Where a download can be continued; `null`: it starts over. So does one that was begun before the machine last started,
 * since a part is only synced when it is whole: after a power cut it may have the right length and other bytes.
 */
export async function resumePoint(path: string): Promise<ResumePoint | null> {
  const found = await markedPart(path);
  if (found === null) return null;
  const { bytes, validator, boot, wholeOf } = found;
  return bytes > 0 && validator && boot === thisBoot() && !wholeOf ? { bytes, validator } : null;
}

/**
 * What came from a URL whole and is on the disk, but has not got its place: whoever fetched it died before that, and the
 * host may have it no more. `null`: nothing of this URL.
 */
export async function wholePart(path: string, url: string): Promise<WholeFile | null> {
  const found = await markedPart(path);
  const isWhole = found !== null && found.wholeOf === wholeMark(url, found.bytes);
  return isWhole ? { bytes: found.bytes, sha256: null, content: null } : null;
}

/** A part with what its mark says of it; `null`: nothing that could be gone on with. */
async function markedPart(path: string) {
  // The usual case, and a rejected promise with its stack costs more than this look.
  if (!existsSync(markPath(path))) return null;
  try {
    const [validator, boot, wholeOf] = (await readFile(markPath(path), 'utf8')).split('\n');
    const { size: bytes } = await stat(path);
    return { bytes, validator, boot, wholeOf };
  } catch {
    // Nothing to continue: start from the first byte.
    return null;
  }
}

/** Deletes a part that belongs to nothing any more, and what is known of one that has its place by now. */
export async function forgetPart(path: string): Promise<void> {
  await Promise.all([rm(path, { force: true }), rm(markPath(path), { force: true })]);
}

/** A whole download. */
export interface WholeFile {
  readonly bytes: number;
  /** `null` when it was put together from parts: nobody here has seen all its bytes. */
  readonly sha256: string | null;
  /** What came; `null` when it is on the disk. */
  readonly content: Buffer | null;
}

/** A download that grows. */
export interface Part {
  readonly bytes: number;
  write(chunk: Buffer): Promise<void> | void;
  /** All has come. */
  finish(): Promise<WholeFile> | WholeFile;
  /** It broke off; what has come is kept on the disk for the next try. */
  breakOff(): Promise<void>;
}

/** What comes, and where it goes. */
export interface Coming {
  readonly url: string;
  readonly path: string;
  /** Of the object that comes; `null` when the server names none. */
  readonly validator: string | null;
}

/**
 * @param from the point that the server goes on from; `null` starts over
 * @param totalBytes as the server states them
 */
export async function openPart(coming: Coming, from: ResumePoint | null, totalBytes: number | null): Promise<Part> {
  const isSmall = from === null && totalBytes !== null && totalBytes <= WORTH_RESUMING_BYTES;
  return isSmall ? new PartInMemory(coming) : PartFile.open(coming, from);
}

class PartInMemory implements Part {
  readonly #coming: Coming;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(coming: Coming) {
    this.#coming = coming;
  }

  get bytes(): number {
    return this.#bytes;
  }

  write(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  finish(): WholeFile {
    const content = Buffer.concat(this.#chunks);
    return { bytes: content.length, sha256: sha256Of(content), content };
  }

  async breakOff(): Promise<void> {
    const file = await PartFile.open(this.#coming, null);
    for (const chunk of this.#chunks) await file.write(chunk);
    await file.breakOff();
  }
}

/**
 * A download that grows on the disk. Its mark beside it has the object's validator and the boot that it grows in, while it
 * may have to be continued, and whose it is once it is whole, until it has its place.
 */
class PartFile implements Part {
  readonly #coming: Coming;
  readonly #handle: FileHandle;
  readonly #hash = createHash('sha256');
  readonly #isFresh: boolean;
  #bytes: number;

  private constructor(coming: Coming, handle: FileHandle, from: ResumePoint | null) {
    this.#coming = coming;
    this.#handle = handle;
    this.#isFresh = from === null;
    this.#bytes = from?.bytes ?? 0;
  }

  /** Marked as resumable from its start on: a kill gives no time for it. */
  static async open(coming: Coming, from: ResumePoint | null): Promise<PartFile> {
    const file = new PartFile(coming, await openIn(coming.path, from === null ? 'w' : 'a'), from);
    if (from === null) await file.#mark();
    return file;
  }

  get bytes(): number {
    return this.#bytes;
  }

  async write(chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length; ) at += (await this.#handle.write(chunk, at)).bytesWritten;
    if (this.#isFresh) this.#hash.update(chunk);
    this.#bytes += chunk.length;
  }

  /** It is on the disk when this returns. */
  async finish(): Promise<WholeFile> {
    await this.#handle.sync();
    await this.#handle.close();
    await this.#write(['', '', wholeMark(this.#coming.url, this.#bytes)]);
    return { bytes: this.#bytes, sha256: this.#isFresh ? this.#hash.digest('hex') : null, content: null };
  }

  async breakOff(): Promise<void> {
    await this.#handle.close();
  }

  async #mark(): Promise<void> {
    if (this.#coming.validator === null) await rm(markPath(this.#coming.path), { force: true });
    else await this.#write([this.#coming.validator, thisBoot()]);
  }

  async #write(lines: readonly string[]): Promise<void> {
    await writeFile(markPath(this.#coming.path), lines.join('\n'));
  }
}

/** A digest, since a URL may have a signature in it. */
function wholeMark(url: string, bytes: number): string {
  return `whole ${bytes} ${sha256Of(Buffer.from(url))}`;
}

/** Where the system does not tell one boot from another, a part is trusted like any file that was closed. */
function thisBoot(): string {
  return bootId() ?? 'unknown';
}

const markPath = (path: string) => `${path}.validator`;
