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
  /** The file's time when it was verified, in epoch milliseconds; absent where an older version verified it. */
  readonly modifiedMs?: number | undefined;
  /** Absent where an older version verified it. */
  readonly measured?: MeasuredVideo | undefined;
  /** How it was made of the provider's video; absent: it is that video as it came. */
  readonly finish?: AppliedFinish | undefined;
}

/** What a job has of its video while that is to be made again. */
export interface StandingVideo {
  readonly output: FinishedOutput;
  readonly fingerprint: string | null;
  /** The attempt that made it; `null` where it was taken over. */
  readonly attemptId: string | null;
  /** It was approved when the user had it made again all the same; later runs go on with that. */
  readonly despiteApproval?: true;
}

/** A deliverable that was made of what the provider delivered, by copying its packets. */
export interface AppliedFinish {
  /** Tells whether the manifest asks for another deliverable now. */
  readonly id: string;
  /** Whose sound the output has. */
  readonly audio: 'provider' | 'track';
  readonly title: string;
  readonly language: string;
  readonly subtitlesSha256: string | null;
  /** What the provider delivered. */
  readonly original: { readonly sha256: string; readonly bytes: number };
  /**
   * Where the provider's video with its own sound is, from the output's folder and with `/`; `null` where the output
   * itself has that sound, so that nothing else need be kept.
   */
  readonly kept: string | null;
}

/** A key that its provider refused. */
export interface RefusedKey {
  readonly hash: string;
  readonly variable: string;
  readonly why: string;
  /** When it was first refused since it was last answered. */
  readonly sinceMs: number;
  /** A look that is answered again proves the key; after a refused create, or upload for one, only a create can. */
  readonly by: 'create' | 'look';
  /** `false`: it is in use while nobody knows whether that passes, since no other key is left. */
  readonly isSetAside: boolean;
  /** One refused look put it aside, or the lane has worked with another key since: it has a try before the lane closes. */
  readonly mayBeGood?: true;
  /** When a look may ask with it again. */
  readonly lookAtMs?: number;
}
