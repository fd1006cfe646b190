import { Readable } from 'node:stream';
import type { Http } from '../http/env.js';
import type { ContentStore, StoredContent } from '../media/content-store.js';

/** A file that arrived in a multipart form. */
export interface FormFile {
  filename: string;
  contentType: string | null;
  content: StoredContent;
}

/**
 * Receives the one file of a `multipart/form-data` body, streamed to disk. Parts before it are skipped, parts after it
 * are read and dropped.
 */
export async function receiveForm(
  contents: ContentStore,
  http: Http,
  field: string,
): Promise<FormFile | { problem: string }> {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(http.req.header('content-type') ?? '');
  const name = boundary?.[1] ?? boundary?.[2];
  if (name === undefined) return { problem: 'a multipart/form-data body is needed' };
  const reader = new FormReader(http.env.incoming, name);
  for (;;) {
    const headers = await reader.nextPart();
    if (headers === null) return { problem: `no file in the field ${field}` };
    const disposition = /^content-disposition:\s*form-data;(.*)$/im.exec(headers)?.[1] ?? '';
    if (/\bname="([^"]*)"/.exec(disposition)?.[1] !== field) {
      for await (const _skipped of reader.partBytes());
      continue;
    }
    const filename = /\bfilename="([^"]*)"/.exec(disposition)?.[1] ?? 'file';
    const contentType = /^content-type:\s*(\S+)/im.exec(headers)?.[1] ?? null;
    const content = await contents.receive(Readable.from(reader.partBytes()));
    http.env.incoming.resume();
    return { filename, contentType, content };
  }
}

/** Walks the parts of a form without holding more than a chunk of it. */
class FormReader {
  readonly #chunks: AsyncIterator<Buffer>;
  /** What ends a part; the first boundary has no line break before it, so one is imagined. */
  readonly #mark: Buffer;
  #buffer = Buffer.from('\r\n');
  #started = false;
  #ended = false;

  constructor(source: Readable, boundary: string) {
    this.#chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    this.#mark = Buffer.from(`\r\n--${boundary}`);
  }

  /** The header lines of the next part, to be followed by its bytes; null after the last. */
  async nextPart(): Promise<string | null> {
    if (!this.#started) {
      this.#started = true;
      for await (const _preamble of this.partBytes());
    }
    while (this.#buffer.length < 2 && (await this.#more()));
    if (this.#buffer.subarray(0, 2).toString() !== '\r\n') return null;
    for (;;) {
      const end = this.#buffer.indexOf('\r\n\r\n');
      if (end >= 0) {
        const headers = this.#buffer.subarray(2, end).toString('utf8');
        this.#buffer = this.#buffer.subarray(end + 4);
        return headers;
      }
      if (!(await this.#more())) return null;
    }
  }

  /** The bytes up to the next boundary, which is consumed. */
  async *partBytes(): AsyncGenerator<Buffer> {
    for (;;) {
      const at = this.#buffer.indexOf(this.#mark);
      if (at >= 0) {
        if (at > 0) yield this.#buffer.subarray(0, at);
        this.#buffer = this.#buffer.subarray(at + this.#mark.length);
        return;
      }
      // The tail could be the beginning of a boundary.
      const safe = this.#buffer.length - this.#mark.length + 1;
      if (safe > 0) {
        yield this.#buffer.subarray(0, safe);
        this.#buffer = this.#buffer.subarray(safe);
      }
      if (!(await this.#more())) throw new Error('the form ended before its boundary');
    }
  }

  async #more(): Promise<boolean> {
    if (this.#ended) return false;
    const next = await this.#chunks.next();
    if (next.done) {
      this.#ended = true;
      return false;
    }
    this.#buffer = Buffer.concat([this.#buffer, next.value]);
    return true;
  }
}
