import type { JsonObject, StartRequest } from '@localize/core';
import { z } from 'zod';
import { anything, optionalId, optionalStatus, optionalText } from '../reading/fields.js';
import { commonFields, presentFields } from '../verbs/request-fields.js';

/** [page vibedream] */
export const MODEL = 'video-to-video';

/** POST to this path creates [page vibedream]. */
export const CREATE_PATH = `/models/${MODEL}/generate`;
export const PREDICTIONS_PATH = '/predictions';

/** The reply to a create [page vibedream]. `costCents` is the price in whole US cents. */
export const createdSchema = z.object({ id: optionalId, costCents: anything });

/** The reply to a poll [page vibedream]. */
export const predictionSchema = z.object({
  id: optionalId,
  modelId: optionalText,
  status: optionalStatus,
  outputs: anything,
  error: anything,
});

/** The page shows no HTTP error: the usual names are accepted [assumed]. */
export const errorSchema = z.object({ error: anything, message: optionalText, detail: anything, code: optionalText });

/** The body of a create [page vibedream], or `null` for two voices, which the route does not take. */
export function createBody(request: StartRequest): JsonObject | null {
  const { media } = request;
  if (media.voices.kind !== 'one') return null;
  return presentFields({ audio: media.voices.audio, video: media.video, ...commonFields(request) });
}
