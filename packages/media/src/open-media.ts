import { stat } from 'node:fs/promises';
import {
  ADTS,
  FilePathSource,
  FLAC,
  Input,
  Logging,
  LogLevel,
  MATROSKA,
  MP3,
  MP4,
  MPEG_TS,
  OGG,
  QTFF,
  UrlSource,
  WAVE,
  WEBM,
} from 'mediabunny';
import { MediaError } from './media-error.js';
import { createMediaFetch } from './media-fetch.js';
import { isUrl, sourceName } from './source-name.js';

// HLS is left out on purpose: a playlist is a text that makes its reader open other files and addresses.
const FORMATS = [MP4, QTFF, WEBM, MATROSKA, MP3, WAVE, FLAC, OGG, ADTS, MPEG_TS];

/** An open media file; `close` it. */
export interface OpenMedia {
  readonly input: Input;
  readonly remote: boolean;
  /** How messages call it. */
  readonly name: string;
  /** Its size, once something was read; null where a server does not say. */
  bytes(): number | null;
  /** What made reading fail, in plain words: the server if it was the server, else the error of the demuxer. */
  explain(error: unknown): MediaError;
  close(reason?: unknown): void;
}

/** Opens a path or an http(s) URL. Throws MediaError if nothing is there; the content is not looked at. */
export async function openMedia(source: string): Promise<OpenMedia> {
  const name = sourceName(source);
  // The demuxer's warnings go to the console of whoever runs a batch, and each of them is dealt with here.
  Logging.level = LogLevel.Silent;
  if (!isUrl(source)) {
    const size = await fileSize(source);
    const input = new Input({
      source: new FilePathSource(source, { handleUnhandledError: () => {} }),
      formats: FORMATS,
    });
    return {
      input,
      remote: false,
      name,
      bytes: () => size,
      explain: (error) => toMediaError(error, name),
      close: () => input.dispose(),
    };
  }
  const web = createMediaFetch(source);
  const backing = new UrlSource(source, {
    fetchFn: web.fetch,
    getRetryDelay: () => null,
    handleUnhandledError: () => {},
  });
  const input = new Input({ source: backing, formats: FORMATS });
  return {
    input,
    remote: true,
    name,
    bytes: web.bytes,
    explain: (error) => web.failure() ?? toMediaError(error, name),
    close: (reason) => {
      web.stop(reason);
      input.dispose();
    },
  };
}

/** Opens a source for `use` and closes it. What fails is thrown as a MediaError, an abort as the signal's reason. */
export async function withMedia<T>(
  source: string,
  signal: AbortSignal | undefined,
  use: (media: OpenMedia) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const media = await openMedia(source);
  // Closing makes a read that is under way fail at once.
  const abort = () => media.close(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await use(media);
  } catch (error) {
    signal?.throwIfAborted();
    throw media.explain(error);
  } finally {
    signal?.removeEventListener('abort', abort);
    media.close();
  }
}

/** The same items; what fails while they are read comes out as a MediaError about `media`. */
export async function* explainErrors<T>(media: OpenMedia, items: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  try {
    yield* items;
  } catch (error) {
    throw media.explain(error);
  }
}

/** The size of a local file in bytes; throws MEDIA_MISSING, MEDIA_EMPTY or MEDIA_UNREADABLE (a folder, no permission). */
export async function fileSize(path: string): Promise<number> {
  const facts = await stat(path).catch((error: unknown) => {
    throw toMediaError(error, path);
  });
  if (!facts.isFile()) throw new MediaError('MEDIA_UNREADABLE', `${path} is not a file`);
  if (facts.size === 0) throw new MediaError('MEDIA_EMPTY', `${path} is empty (0 bytes)`);
  return facts.size;
}

/** One error of the file system or of the demuxer as a MediaError; a MediaError stays what it is. */
export function toMediaError(error: unknown, name: string): MediaError {
  if (MediaError.isInstance(error)) return error;
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new MediaError('MEDIA_MISSING', `${name} does not exist`, { cause: error });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new MediaError('MEDIA_UNREADABLE', `${name} may not be read (permission denied)`, { cause: error });
  }
  return new MediaError('MEDIA_UNREADABLE', `${name} can't be read as audio or video`, { cause: error });
}
