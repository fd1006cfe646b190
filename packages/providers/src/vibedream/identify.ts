import type { CallContext, IdentifyResult, JsonObject, StartRequest } from '@localize/core';
import { identified } from '../verbs/identified.js';
import { referenceId } from '../verbs/judge-create.js';
import { pollPrediction } from './status.js';
import { MODEL, predictionSchema } from './wire.js';

/** A poll names the model and no inputs [seed 0]. */
export async function identify(
  _request: StartRequest,
  reference: JsonObject,
  context: CallContext,
): Promise<IdentifyResult> {
  const poll = await pollPrediction(referenceId(reference), context);
  return identified(poll, (body) => {
    const { modelId } = predictionSchema.parse(body);
    return modelId === undefined || modelId === MODEL ? 'unknown' : 'different';
  });
}
