import {
  ADTS,
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
import { type LocalFile, openLocalFile } from './local-file.js';
import { type MediaError, toMediaError } from './media-error.js';
import { createMediaFetch, HEAD_BYTES } from './media-fetch.js';
import { type RemoteFile, remoteFile } from './remote-file.js';
import { isUrl, sourceName } from './source-name.js';

// Asked in this order: what a first look at the first bytes tells comes before what is searched for. HLS is left out on
// purpose: a playlist is a text that makes its reader open other files and addresses.
const FORMATS = [MP4, QTFF, WAVE, FLAC, OGG, WEBM, MATROSKA, MP3, ADTS, MPEG_TS];

/** An open media file; `close` it. */
export interface OpenMedia {
  readonly input: Input;
  /** The file, unless it is read over the network. */
  readonly file: LocalFile | null;
  /** The file, where it is read over the network. */
  readonly remote: RemoteFile | null;
  /** How messages call it. */
  readonly name: string;
  /** Its size, once something was read; null where a server does not say. */
  bytes(): number | null;
  /** Its first bytes, once something was read; `null` where what failed is the network or the server. */
  head(): Promise<Buffer | null>;
  /** What made reading fail, in plain words: the server if it was the server, else the error of the demuxer. */
  explain(error: unknown): MediaError;
  close(reason?: unknown): void;
}

/** Opens a path or an http(s) URL. Throws MediaError if nothing is there; the content is not looked at. */
export async function openMedia(source: string): Promise<OpenMedia> {
  if (!isUrl(source)) return mediaOf(await openLocalFile(source));
  const name = sourceName(source);
  silenceDemuxer();
  const web = createMediaFetch(source);
  const backing = new UrlSource(source, {
    fetchFn: web.fetch,
    getRetryDelay: () => null,
    handleUnhandledError: () => {},
  });
  const input = new Input({ source: backing, formats: FORMATS });
  return {
    input,
    file: null,
    remote: remoteFile(source, web),
    name,
    bytes: web.bytes,
    head: async () => (web.failure() === null ? web.head() : null),
    explain: (error) => web.failure() ?? toMediaError(error, name),
    close: (reason) => {
      web.stop(reason);
      input.dispose();
    },
  };
}

/** The media in an open file; closing it closes the file. */
export function mediaOf(file: LocalFile): OpenMedia {
  silenceDemuxer();
  const input = new Input({ source: file.source(), formats: FORMATS });
  return {
    input,
    file,
    remote: null,
    name: file.path,
    bytes: () => file.bytes,
    head: () => file.readAt(0, HEAD_BYTES),
    explain: (error) => toMediaError(error, file.path),
    close: () => {
      input.dispose();
      // A handle that was only read from loses nothing when closing it fails.
      void file.close().catch(() => undefined);
    },
  };
}

/** Its warnings go to the console of whoever runs a batch, and each of them is dealt with here. */
function silenceDemuxer(): void {
  Logging.level = LogLevel.Silent;
}

/** Opens a source for `use` and closes it. What fails is thrown as a MediaError, an abort as the signal's reason. */
export async function withMedia<T>(
  source: string,
  signal: AbortSignal | undefined,
  use: (media: OpenMedia) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  return useMedia(await openMedia(source), signal, use);
}

/** The same with what is open already. */
export async function useMedia<T>(
  media: OpenMedia,
  signal: AbortSignal | undefined,
  use: (media: OpenMedia) => Promise<T>,
): Promise<T> {
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
