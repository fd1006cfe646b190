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
  // The usual case, and a rejected promise with its stack costs more than this look.
  if (!existsSync(validatorPath(path))) return null;
  try {
    const [validator, boot] = (await readFile(validatorPath(path), 'utf8')).split('\n');
    const { size: bytes } = await stat(path);
    return bytes > 0 && validator && boot === thisBoot() ? { bytes, validator } : null;
  } catch {
    // Nothing to continue: start from the first byte.
    return null;
  }
}

/** Deletes a part that belongs to nothing any more. */
export async function forgetPart(path: string): Promise<void> {
  await Promise.all([rm(path, { force: true }), rm(validatorPath(path), { force: true })]);
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

/**
 * @param from the point that the server goes on from; `null` starts over
 * @param validator of the object that comes; `null` when the server names none
 * @param totalBytes as the server states them
 */
export async function openPart(
  path: string,
  from: ResumePoint | null,
  validator: string | null,
  totalBytes: number | null,
): Promise<Part> {
  const isSmall = from === null && totalBytes !== null && totalBytes <= WORTH_RESUMING_BYTES;
  return isSmall ? new PartInMemory(path, validator) : PartFile.open(path, from, validator);
}

class PartInMemory implements Part {
  readonly #path: string;
  readonly #validator: string | null;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(path: string, validator: string | null) {
    this.#path = path;
    this.#validator = validator;
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
    const file = await PartFile.open(this.#path, null, this.#validator);
    for (const chunk of this.#chunks) await file.write(chunk);
    await file.breakOff();
  }
}

/** A download that grows on the disk. The object's validator, and the boot that it grows in, are kept beside it while the part may have to be continued. */
class PartFile implements Part {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #hash = createHash('sha256');
  readonly #isFresh: boolean;
  readonly #validator: string | null;
  #bytes: number;

  private constructor(path: string, handle: FileHandle, from: ResumePoint | null, validator: string | null) {
    this.#path = path;
    this.#handle = handle;
    this.#isFresh = from === null;
    this.#validator = validator;
    this.#bytes = from?.bytes ?? 0;
  }

  /** Marked as resumable from its start on: a kill gives no time for it. */
  static async open(path: string, from: ResumePoint | null, validator: string | null): Promise<PartFile> {
    const file = new PartFile(path, await openIn(path, from === null ? 'w' : 'a'), from, validator);
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
    await rm(validatorPath(this.#path), { force: true });
    return { bytes: this.#bytes, sha256: this.#isFresh ? this.#hash.digest('hex') : null, content: null };
  }

  async breakOff(): Promise<void> {
    await this.#handle.close();
  }

  async #mark(): Promise<void> {
    if (this.#validator === null) await rm(validatorPath(this.#path), { force: true });
    else await writeFile(validatorPath(this.#path), `${this.#validator}\n${thisBoot()}`);
  }
}

/** Where the system does not tell one boot from another, a part is trusted like any file that was closed. */
function thisBoot(): string {
  return bootId() ?? 'unknown';
}

const validatorPath = (path: string) => `${path}.validator`;
