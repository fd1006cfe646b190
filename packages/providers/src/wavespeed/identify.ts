import { identifyBy } from '../verbs/identify-by.js';
import { compareInputs } from '../verbs/same-inputs.js';
import { pollPrediction } from './status.js';
import { createBody, envelopeSchema, modelOf, predictionSchema } from './wire.js';

/** A poll names the model [page wavespeed]; whether it echoes the inputs, and under which name, is not settled [client source wscli]. */
export const identify = identifyBy(pollPrediction, (request, body) => {
  const { model, input, inputs } = predictionSchema.safeParse(envelopeSchema.parse(body).data).data ?? {};
  if (model !== undefined && model !== modelOf(request.route.id)) return 'different';
  return compareInputs(createBody(request) ?? {}, inputs ?? input);
});
