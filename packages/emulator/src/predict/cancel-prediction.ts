import { replan } from '../limits/slots.js';
import type { World } from '../world.js';
import { isOver, type Prediction } from './prediction.js';

/** Ends a prediction before its time, and lets those that waited for its slot move up. False when it was over already. */
export function cancelPrediction(world: World, prediction: Prediction): boolean {
  const now = world.now();
  if (isOver(prediction, now)) return false;
  const { provider, account } = prediction;
  world.predictions.cancel(prediction.id, now);
  const limits = world.options.limits[provider];
  if (limits.overflow === 'queue') {
    for (const move of replan(world.predictions.open(provider, account, now), limits.concurrent, now)) {
      world.predictions.reschedule(move);
    }
  }
  return true;
}
