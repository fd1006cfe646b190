import type { CallContext, IdentifyResult, JsonObject, StartRequest } from '@localize/core';
import { identified } from '../verbs/identified.js';
import { referenceId } from '../verbs/judge-create.js';
import { compareInputs } from '../verbs/same-inputs.js';
import { pollPrediction } from './status.js';
import { createBody, envelopeSchema, modelOf, predictionSchema } from './wire.js';

/** A poll names the model [seed 2]; whether it echoes the inputs, and under which name, is not settled [client]. */
export async function identify(
  request: StartRequest,
  reference: JsonObject,
  context: CallContext,
): Promise<IdentifyResult> {
  const poll = await pollPrediction(referenceId(reference), context);
  return identified(poll, (body) => {
    const { model, input, inputs } = predictionSchema.safeParse(envelopeSchema.parse(body).data).data ?? {};
    if (model !== undefined && model !== modelOf(request.route.id)) return 'different';
    return compareInputs(createBody(request) ?? {}, inputs ?? input);
  });
}
