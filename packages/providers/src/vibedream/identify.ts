import { identifyBy } from '../verbs/identify-by.js';
import { pollPrediction } from './status.js';
import { MODEL, predictionSchema } from './wire.js';

/** A poll names the model and no inputs [page vibedream]. */
export const identify = identifyBy(pollPrediction, (_request, body) => {
  const { modelId } = predictionSchema.parse(body);
  return modelId === undefined || modelId === MODEL ? 'unknown' : 'different';
});
