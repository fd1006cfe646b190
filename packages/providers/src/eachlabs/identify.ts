import { identifyBy } from '../verbs/identify-by.js';
import { compareInputs } from '../verbs/same-inputs.js';
import { pollPrediction } from './status.js';
import { createInput, predictionSchema } from './wire.js';

/** A poll echoes the inputs [doc get-prediction]. */
export const identify = identifyBy(pollPrediction, (request, body) =>
  compareInputs(createInput(request) ?? {}, predictionSchema.parse(body).input),
);
