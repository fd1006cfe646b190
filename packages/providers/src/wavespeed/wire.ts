import type { JsonObject, RouteId, StartRequest } from '@localize/core';
import { z } from 'zod';
import {
  anything,
  httpUrl,
  listOrNull,
  optionalId,
  optionalNumber,
  optionalStatus,
  optionalText,
} from '../reading/fields.js';
import { commonFields, presentFields } from '../verbs/request-fields.js';

/** Model ids by route; a create is a POST to the model's own path [page wavespeed, wavespeed multi]. */
const MODELS: Readonly<Record<RouteId, string>> = {
  'wavespeed/infinitetalk': 'wavespeed-ai/infinitetalk/video-to-video',
  'wavespeed/infinitetalk-fast-multi': 'wavespeed-ai/infinitetalk-fast/video-to-video-multi',
};

/** @throws Error for a route of another provider: a fault of the caller. */
export function modelOf(route: RouteId): string {
  const model = MODELS[route];
  if (model === undefined) throw new Error(`WaveSpeed has no route ${route}`);
  return model;
}

export const PREDICTIONS_PATH = '/predictions';

/** Every reply is an envelope; a prediction's failure arrives in one with code 200 [page wavespeed, wavespeed multi]. */
export const envelopeSchema = z.object({ code: optionalNumber, message: optionalText, data: anything });

/**
 * A prediction, in the reply to a create and to a poll alike [page wavespeed, wavespeed multi]; `data.code` [doc
 * error-codes]. Its inputs go by either name, if they are there at all [client source wscli].
 */
export const predictionSchema = z.object({
  id: optionalId,
  model: optionalText,
  input: anything,
  inputs: anything,
  status: optionalStatus,
  outputs: anything,
  error: anything,
  code: optionalNumber,
  has_nsfw_contents: anything,
});

/** The reply to `POST /model/price` [client source wsmcp]; that the account pays the discounted price is assumed. */
export const priceSchema = z.object({ price: anything, discounted_price: anything, currency: optionalText });

/** One page of `POST /predictions` [doc predictions-api]; its inputs go by either name [client source wscli]. */
export const listSchema = z.object({ items: listOrNull });
export const listItemSchema = z.object({
  id: optionalId,
  status: optionalText,
  created_at: anything,
  input: anything,
  inputs: anything,
});

/** The reply to `POST /media/uploads` [client source wsjs]. */
export const uploadSchema = z.object({
  download_url: httpUrl,
  upload: z.object({ url: httpUrl, headers: z.record(z.string(), z.string()).nullish() }),
});

/** The reply to `POST /media/upload/binary` [doc upload-files-api]. */
export const uploadedSchema = z.object({ download_url: httpUrl });

/**
 * The body of a create [page wavespeed, wavespeed multi], or `null` when the media has another number of voices than the
 * route.
 */
export function createBody(request: StartRequest): JsonObject | null {
  const { route, media } = request;
  const { voices } = media;
  if (voices.kind === 'two') {
    if (route.voices !== 2) return null;
    const { left, right, order } = voices;
    return presentFields({ video: media.video, left_audio: left, right_audio: right, order, ...commonFields(request) });
  }
  if (route.voices !== 1) return null;
  return presentFields({ audio: voices.audio, video: media.video, ...commonFields(request) });
}
