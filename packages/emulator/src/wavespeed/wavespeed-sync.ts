import type { Reply } from '../http/reply.js';
import { isOver, type Prediction } from '../predict/prediction.js';
import { viewPrediction } from '../predict/view.js';
import type { World } from '../world.js';
import { envelope } from './wavespeed-dialect.js';
import { wavespeedData } from './wavespeed-poll.js';

/** How long a synchronous create is held, in real time [assumed]. */
const PATIENCE_MS = 30_000;
const STEP_MS = 50;

/**
 * Holds a create with `enable_sync_mode` until its end. When patience runs out the task lives on, and the reply says so
 * with `processing` and code 5004 [client source wsjs].
 */
export async function holdCreate(world: World, prediction: Prediction): Promise<Reply> {
  const current = () => world.predictions.find('wavespeed', prediction.id) ?? prediction;
  for (let waited = 0; waited < PATIENCE_MS && !isOver(current(), world.now()); waited += STEP_MS) {
    if (world.activity.stopping) break;
    await world.activity.pause(STEP_MS);
  }
  const view = await viewPrediction(world, current());
  const data = wavespeedData(world, view);
  if (isOver(view.prediction, view.now)) return envelope(data);
  const error = 'Sync mode timed out. The task is still being processed; query the result later.';
  return envelope({ ...data, status: 'processing', code: 5004, error });
}
