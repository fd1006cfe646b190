import type { Output } from '../media/output-maker.js';
import type { World } from '../world.js';
import { outputPath } from './output-path.js';
import { type Prediction, type PredictionState, stateAt } from './prediction.js';

/** A prediction as it stands at one moment, ready to be put into a provider's words. */
export interface View {
  prediction: Prediction;
  state: PredictionState;
  /** A status that no page lists, to be shown instead of the true one. */
  oddStatus: string | null;
  /** Where the finished video is; null while there is none, and when the provider lost it. */
  output: { url: string; bytes: number } | null;
  now: number;
}

/** Looks at a prediction, making its output when it has just become due. */
export async function viewPrediction(world: World, prediction: Prediction): Promise<View> {
  const now = world.now();
  let state = stateAt(prediction, now);
  let made: Output | null = null;
  if (state === 'succeeded' && !prediction.quirks.emptyOutputs) {
    made = await world.outputs.ensure(prediction);
    if (made === null) {
      state = 'failed';
      prediction = world.predictions.find(prediction.provider, prediction.id) ?? prediction;
    }
  }
  return {
    prediction,
    state,
    oddStatus: oddStatus(prediction, state),
    output: made === null ? null : { url: world.url(outputPath(prediction)), bytes: made.bytes },
    now,
  };
}

/** The same for a listing, which makes no output. */
export function glancePrediction(world: World, prediction: Prediction): View {
  const now = world.now();
  const state = stateAt(prediction, now);
  const shown = state === 'succeeded' && !prediction.quirks.emptyOutputs;
  return {
    prediction,
    state,
    oddStatus: oddStatus(prediction, state),
    output: shown ? { url: world.url(outputPath(prediction)), bytes: 0 } : null,
    now,
  };
}

function oddStatus(prediction: Prediction, state: PredictionState): string | null {
  const odd = prediction.quirks.unknownStatus;
  if (odd === undefined || state === 'canceled') return null;
  return odd.forever || state === 'running' || state === 'queued' ? odd.status : null;
}

/** Seconds that the prediction has been worked on. */
export function workedSeconds(view: View): number {
  const end = Math.min(view.now, view.prediction.canceledAt ?? view.prediction.finishesAt);
  return Math.max(0, end - view.prediction.startsAt) / 1000;
}
