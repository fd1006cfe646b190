import type { JsonObject, StartRequest } from '@localize/core';
import { z } from 'zod';
import { anything, optionalId, optionalStatus, optionalText } from '../reading/fields.js';
import { commonFields, presentFields } from '../verbs/request-fields.js';

/** [seed 0] */
export const MODEL = 'video-to-video';

/** POST to this path creates [seed 0]. */
export const CREATE_PATH = `/models/${MODEL}/generate`;
export const PREDICTIONS_PATH = '/predictions';

/** The reply to a create [seed 0]. `costCents` is the price in whole US cents. */
export const createdSchema = z.object({ id: optionalId, costCents: anything });

/** The reply to a poll [seed 0]. */
export const predictionSchema = z.object({
  id: optionalId,
  modelId: optionalText,
  status: optionalStatus,
  outputs: anything,
  error: anything,
});

/** The page shows no HTTP error: the usual names are accepted [assumed]. */
export const errorSchema = z.object({ error: anything, message: optionalText, detail: anything, code: optionalText });

/** The body of a create [seed 0], or `null` for two voices, which the route does not take. */
export function createBody(request: StartRequest): JsonObject | null {
  const { media } = request;
  if (media.voices.kind !== 'one') return null;
  return presentFields({ audio: media.voices.audio, video: media.video, ...commonFields(request) });
}
