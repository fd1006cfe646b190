import { imageSize } from 'image-size';
import { isWholeImage } from './image-end.js';
import { openLocalFile } from './local-file.js';
import { MediaError, toMediaError } from './media-error.js';
import { createMediaFetch } from './media-fetch.js';
import { isUrl, sourceName } from './source-name.js';

/** What an image is; width and height in pixels. */
export interface ImageFacts {
  format: 'jpeg' | 'png' | 'gif' | 'webp';
  width: number;
  height: number;
}

/** Where the size of an image lies; only a JPEG with large embedded profiles needs more than the first few bytes. */
const HEAD_BYTES = 1024 * 1024;

/** Up to this size a local image is looked at whole; a larger one is believed what its head says. */
const WHOLE_BYTES = 64 * 1024 * 1024;

const FORMATS: Readonly<Record<string, ImageFacts['format']>> = { jpg: 'jpeg', png: 'png', gif: 'gif', webp: 'webp' };

/**
 * Tells format and size of an image, a path or an http(s) URL, by its content. Of a URL only the first bytes are read; a
 * file must also have its picture, to its end. Throws MediaError.
 */
export async function probeImage(source: string, options: { signal?: AbortSignal } = {}): Promise<ImageFacts> {
  const name = sourceName(source);
  options.signal?.throwIfAborted();
  if (isUrl(source)) return factsOf(await fetchHead(source, options.signal), name);
  const content = await readFile(source);
  const facts = factsOf(content, name);
  if (content.length < WHOLE_BYTES && !isWholeImage(facts.format, content)) {
    throw new MediaError('MEDIA_INCOMPLETE', `${name} is cut: it begins as a ${facts.format} image and has no end`);
  }
  return facts;
}

function factsOf(head: Buffer, name: string): ImageFacts {
  let size: { type?: string; width: number; height: number };
  try {
    size = imageSize(head);
  } catch (error) {
    throw new MediaError('MEDIA_UNREADABLE', `${name} is not a JPEG, PNG, GIF or WebP image`, { cause: error });
  }
  const format = FORMATS[size.type ?? ''];
  if (format === undefined) {
    throw new MediaError('MEDIA_UNREADABLE', `${name} is a ${size.type} image, not JPEG, PNG, GIF or WebP`);
  }
  const { width, height } = size;
  if (!(width > 0 && height > 0))
    throw new MediaError('MEDIA_UNREADABLE', `${name} is a ${format} image without a size`);
  return { format, width, height };
}

async function readFile(path: string): Promise<Buffer> {
  const file = await openLocalFile(path);
  try {
    return await file.readAt(0, Math.min(file.bytes, WHOLE_BYTES));
  } catch (error) {
    throw toMediaError(error, path);
  } finally {
    await file.close();
  }
}

async function fetchHead(url: string, signal: AbortSignal | undefined): Promise<Buffer> {
  const web = createMediaFetch(url);
  const abort = () => web.stop(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const response = await web.fetch(url, { headers: { range: `bytes=0-${HEAD_BYTES - 1}` } });
    const chunks: Uint8Array[] = [];
    let length = 0;
    // A server without ranges sends all of it.
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk);
      length += chunk.byteLength;
      if (length >= HEAD_BYTES) break;
    }
    if (length === 0) throw new MediaError('MEDIA_EMPTY', `${sourceName(url)} is empty (0 bytes)`);
    return Buffer.concat(chunks);
  } catch (error) {
    signal?.throwIfAborted();
    throw web.failure() ?? toMediaError(error, sourceName(url));
  } finally {
    signal?.removeEventListener('abort', abort);
    web.stop();
  }
}
