import type { Micros } from './money.js';

/** A bill that was taken from the price list for a length that only the manifest tells. */
export interface StatedBill {
  readonly bookedMicros: Micros;
  /** By the price list, for a length in milliseconds that the route bills. */
  readonly priceAt: (billedMs: number) => Micros | null;
  /** What a look at the sound has shown of that length; `null`: it could not be looked at. */
  readonly heardMs: number | null;
  /** Of the finished video. */
  readonly outputMs: number;
  /** Two voices in turn: each is rounded up for itself, which their sum does not show. */
  readonly inTurn: boolean;
}

/** What is certain of a bill; `null`: nothing. Then it may be as much as `mostMicros`. */
export interface ProvenBill {
  readonly billedMicros: Micros | null;
  readonly mostMicros: Micros;
}

/** A finished video and its sound differ by a frame or two, and by what its container rounds. */
const FRAMES_MS = 100;
const ROUNDED_UP_MS = 1000;

/** Whether a finished video is as long as what was booked for it, to the last frame, so that nobody need look further. */
export function bearsOut({ bookedMicros, priceAt, outputMs, inTurn }: StatedBill): boolean {
  const [least, most] = [priceAt(outputMs - FRAMES_MS), priceAt(outputMs + FRAMES_MS)];
  return !inTurn && least === bookedMicros && most === bookedMicros;
}

/**
 * What is known of a bill once the finished video is there, where a length was stated that may be wrong: providers bill what
 * they measure. The sound itself tells; without it, what was stated is trusted as far as the video's length can be the same,
 * and else nothing is certain.
 */
export function provenBill(stated: StatedBill): ProvenBill {
  const { bookedMicros, priceAt, heardMs, outputMs, inTurn } = stated;
  const heard = heardMs === null ? null : priceAt(heardMs);
  if (heard !== null) return { billedMicros: heard, mostMicros: heard };
  const least = priceAt(outputMs - FRAMES_MS);
  const most = priceAt(outputMs + FRAMES_MS + (inTurn ? ROUNDED_UP_MS : 0));
  const isPossible = (least ?? 0) <= bookedMicros && bookedMicros <= (most ?? bookedMicros);
  if (isPossible) return { billedMicros: bookedMicros, mostMicros: bookedMicros };
  return { billedMicros: null, mostMicros: Math.max(bookedMicros, most ?? 0) };
}
