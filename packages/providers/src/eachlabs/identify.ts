import type { CallContext, IdentifyResult, JsonObject, StartRequest } from '@localize/core';
import { identified } from '../verbs/identified.js';
import { referenceId } from '../verbs/judge-create.js';
import { compareInputs } from '../verbs/same-inputs.js';
import { pollPrediction } from './status.js';
import { createInput, predictionSchema } from './wire.js';

/** A poll echoes the inputs [doc get-prediction]. */
export async function identify(
  request: StartRequest,
  reference: JsonObject,
  context: CallContext,
): Promise<IdentifyResult> {
  const poll = await pollPrediction(referenceId(reference), context);
  return identified(poll, (body) => compareInputs(createInput(request) ?? {}, predictionSchema.parse(body).input));
}
