import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Up to this size a download that a kill cut starts over: marking each as resumable would cost more. */
const WORTH_RESUMING_BYTES = 1024 * 1024;

/** Where a part ends, and what names the object that it is a part of. */
export interface ResumePoint {
  readonly bytes: number;
  readonly validator: string;
}

export async function resumePoint(path: string): Promise<ResumePoint | null> {
  // The usual case, and a rejected promise with its stack costs more than this look.
  if (!existsSync(validatorPath(path))) return null;
  try {
    const validator = await readFile(validatorPath(path), 'utf8');
    const { size: bytes } = await stat(path);
    return bytes > 0 && validator !== '' ? { bytes, validator } : null;
  } catch {
    // Nothing to continue: start from the first byte.
    return null;
  }
}

/** Deletes a part that belongs to nothing any more. */
export async function forgetPart(path: string): Promise<void> {
  await Promise.all([rm(path, { force: true }), rm(validatorPath(path), { force: true })]);
}

/** A whole download on disk. */
export interface WholeFile {
  readonly bytes: number;
  /** `null` when it was put together from parts: nobody here has seen all its bytes. */
  readonly sha256: string | null;
}

/** A download that grows on the disk. The object's validator is kept beside it while the part may have to be continued. */
export class PartFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #hash = createHash('sha256');
  readonly #isFresh: boolean;
  readonly #validator: string | null;
  #isMarked: boolean;
  #bytes: number;

  private constructor(path: string, handle: FileHandle, from: ResumePoint | null, validator: string | null) {
    this.#path = path;
    this.#handle = handle;
    this.#isFresh = from === null;
    this.#isMarked = from !== null;
    this.#validator = validator;
    this.#bytes = from?.bytes ?? 0;
  }

  /**
   * @param from the point that the server goes on from; `null` starts over
   * @param validator of the object that comes; `null` when the server names none
   * @param totalBytes as the server states them
   */
  static async open(
    path: string,
    from: ResumePoint | null,
    validator: string | null,
    totalBytes: number | null,
  ): Promise<PartFile> {
    const file = new PartFile(path, await openIn(path, from === null ? 'w' : 'a'), from, validator);
    if (from === null && (totalBytes ?? Number.POSITIVE_INFINITY) > WORTH_RESUMING_BYTES) await file.#mark();
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

  /** All has come: it is on the disk when this returns. */
  async finish(): Promise<WholeFile> {
    await this.#handle.sync();
    await this.#handle.close();
    if (this.#isMarked) await rm(validatorPath(this.#path), { force: true });
    return { bytes: this.#bytes, sha256: this.#isFresh ? this.#hash.digest('hex') : null };
  }

  /** It broke off; what has come is kept for the next try. */
  async breakOff(): Promise<void> {
    await this.#handle.close();
    if (!this.#isMarked) await this.#mark();
  }

  async #mark(): Promise<void> {
    this.#isMarked = true;
    if (this.#validator === null) await rm(validatorPath(this.#path), { force: true });
    else await writeFile(validatorPath(this.#path), this.#validator);
  }
}

const validatorPath = (path: string) => `${path}.validator`;

async function openIn(path: string, flags: 'w' | 'a'): Promise<FileHandle> {
  const folder = dirname(path);
  if (!existsSync(folder)) await mkdir(folder, { recursive: true });
  return open(path, flags);
}
