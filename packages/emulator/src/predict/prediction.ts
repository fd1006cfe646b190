import type { ProviderName, RouteName } from '../provider-name.js';
import type { StartPlan } from './start-plan.js';

/** Where a prediction is in its life. Providers have their own words for each. */
export type PredictionState = 'queued' | 'running' | 'succeeded' | 'failed' | 'canceled';

/** How an output is made: content hashes of its picture and audio, its length, and the seed. */
export interface Recipe {
  picture: string;
  /** One voice, or the left and the right speaker's. */
  audio: string[];
  arrangement: 'single' | 'left_right' | 'right_left' | 'meanwhile';
  /** Set where the length does not follow the audio. */
  durationMs: number | null;
  /** Absent in predictions that an earlier version made. */
  seed?: number;
}

/** Why a prediction fails. The provider's folder turns it into that provider's words and codes. */
export interface Failure {
  cause: 'media-unreachable' | 'media-unreadable' | 'media-too-long' | 'moderation' | 'internal' | 'start-timeout';
  /** Input field that is to blame. */
  field?: string;
  /** Value of that field. */
  value?: string;
  message?: string;
}

/** What of a prediction was settled when it was created: oddities that were drawn, and what its create asked for. */
export interface Quirks {
  /** Of one that ends unless it is begun in time: its turn may yet come sooner or later. */
  startPlan?: StartPlan;
  unknownStatus?: { status: string; forever: boolean };
  flaps?: boolean;
  emptyOutputs?: boolean;
}

/** Facts that only the prediction's own provider uses. */
export type Details = Readonly<Record<string, string | number | boolean | null>>;

export interface Prediction {
  seq: number;
  id: string;
  provider: ProviderName;
  account: string;
  route: RouteName;
  createdAt: number;
  startsAt: number;
  finishesAt: number;
  canceledAt: number | null;
  deletedAt: number | null;
  /** When listings begin to show it. */
  visibleAt: number;
  /** When the provider forgets it. */
  vanishesAt: number | null;
  /** What was posted, as it was posted. */
  inputs: Readonly<Record<string, unknown>>;
  /** Null when the media could not be used. */
  recipe: Recipe | null;
  failure: Failure | null;
  quirks: Quirks;
  details: Details;
  priceMicros: number;
  chargesFailure: boolean;
}

/** The state follows from stored times alone, so that a restart changes nothing. */
export function stateAt(prediction: Prediction, now: number): PredictionState {
  if (prediction.canceledAt !== null) return 'canceled';
  if (now < prediction.startsAt) return 'queued';
  if (now < prediction.finishesAt) {
    if (prediction.quirks.flaps && isFlapping(prediction, now)) return 'queued';
    return 'running';
  }
  return prediction.failure === null ? 'succeeded' : 'failed';
}

/** True in the second quarter of the running time. */
function isFlapping(prediction: Prediction, now: number): boolean {
  const share = (now - prediction.startsAt) / (prediction.finishesAt - prediction.startsAt);
  return share >= 0.25 && share < 0.5;
}

/** True once the prediction holds no slot any more. */
export function isOver(prediction: Prediction, now: number): boolean {
  return prediction.canceledAt !== null || now >= prediction.finishesAt;
}

/** What the account has paid for the prediction so far. */
export function chargedMicros(prediction: Prediction, now: number): number {
  const state = stateAt(prediction, now);
  if (state === 'succeeded') return prediction.priceMicros;
  return state === 'failed' && prediction.chargesFailure ? prediction.priceMicros : 0;
}

/** True when the provider answers for this id at all. */
export function isKnown(prediction: Prediction, now: number): boolean {
  if (prediction.deletedAt !== null) return false;
  return prediction.vanishesAt === null || now < prediction.vanishesAt;
}

/** True when listings show it. */
export function isListed(prediction: Prediction, now: number): boolean {
  return isKnown(prediction, now) && now >= prediction.visibleAt;
}
