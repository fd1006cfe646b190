import { type Failure, plainText } from '@localize/core';

export type DownloadErrorKind =
  /** The URL does not serve it (any more): 401, 403, 404, 410. */
  | 'gone'
  /** It may work later. */
  | 'network'
  /** What came is no video. */
  | 'unusable';

export class DownloadError extends Error {
  override readonly name = 'DownloadError';
  readonly kind: DownloadErrorKind;

  constructor(kind: DownloadErrorKind, message: string, cause?: unknown) {
    super(plainText(message), { cause });
    this.kind = kind;
  }
}

/** It says nothing of the one result: its host was out of reach, or refuses whatever it is asked for. */
export class HostError extends DownloadError {
  readonly failure: Failure;

  constructor(failure: Failure, cause?: unknown) {
    super('network', failure.message, cause);
    this.failure = { ...failure, message: this.message };
  }
}
