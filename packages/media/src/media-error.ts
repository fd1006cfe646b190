/** What is wrong with a media file, as a closed set that callers may branch on. */
export type MediaErrorCode =
  /** No file is there. */
  | 'MEDIA_MISSING'
  /** The file has no bytes. */
  | 'MEDIA_EMPTY'
  /** The bytes are no media file that can be used here (another kind of file, or no usable track). */
  | 'MEDIA_UNREADABLE'
  /** It began as a media file, and its end is not there. */
  | 'MEDIA_INCOMPLETE'
  /** A URL that did not answer, or answered with something other than success. */
  | 'MEDIA_UNREACHABLE';

const BRAND: unique symbol = Symbol.for('localize.MediaError') as never;

/**
 * A media file that can't be used. The message is for people: it names the file and says what is wrong with it. URLs
 * appear without their query, since that is where signatures are.
 */
export class MediaError extends Error {
  override readonly name = 'MediaError';
  readonly [BRAND] = true;
  readonly code: MediaErrorCode;

  constructor(code: MediaErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  /** True for a MediaError of any copy of this package. */
  static isInstance(value: unknown): value is MediaError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
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
  if (code === 'ELOOP') {
    return new MediaError('MEDIA_UNREADABLE', `${name} is a link that leads in a circle`, { cause: error });
  }
  return new MediaError('MEDIA_UNREADABLE', `${name} can't be read as audio or video`, { cause: error });
}
