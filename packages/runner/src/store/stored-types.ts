import type { FingerprintParts, MeasuredVideo, MediaUrls, RouteInput } from '@localize/core';

/** What an attempt sent. The URLs are kept as they were sent: they identify a lost create in a provider's list. */
export interface StoredRequest {
  readonly media: MediaUrls;
  readonly input: RouteInput;
  /** What the fingerprint was made from, so that a later edit can be named by its field. */
  readonly parts: FingerprintParts;
}

/** A verified result on disk. */
export interface FinishedOutput {
  /** Absolute. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly durationMs: number;
  /** Absent where an older version verified it. */
  readonly measured?: MeasuredVideo | undefined;
}
