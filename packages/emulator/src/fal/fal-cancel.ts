import type { Reply } from '../http/reply.js';
import { cancelPrediction } from '../predict/cancel-prediction.js';
import { isKnown, isOver } from '../predict/prediction.js';
import type { World } from '../world.js';

/**
 * `PUT …/cancel` [doc queue/cancel]: 202 while it can be cancelled, 400 when it is complete, 404 when it is unknown; 200
 * `OK` for a request that had not started is inferred. A running request is stopped here; the real app may go on.
 */
export function cancelFalRequest(world: World, account: string, id: string): Reply {
  const prediction = world.predictions.find('fal', id);
  const now = world.now();
  if (prediction === undefined || prediction.account !== account || !isKnown(prediction, now)) {
    return { status: 404, body: { status: 'NOT_FOUND' } };
  }
  if (isOver(prediction, now)) return { status: 400, body: { status: 'ALREADY_COMPLETED' } };
  const queued = now < prediction.startsAt;
  cancelPrediction(world, prediction);
  return queued ? { status: 200, body: { status: 'OK' } } : { status: 202, body: { status: 'CANCELLATION_REQUESTED' } };
}
