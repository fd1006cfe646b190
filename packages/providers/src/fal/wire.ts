import type { JsonObject, StartRequest } from '@localize/core';
import { z } from 'zod';
import { segment } from '../http/url.js';
import {
  anything,
  httpUrl,
  listOrNull,
  optionalId,
  optionalMediaType,
  optionalNumber,
  optionalStatus,
  optionalText,
} from '../reading/fields.js';
import { commonFields, listedOptions, presentFields } from '../verbs/request-fields.js';

/** The endpoint [page fal]. */
export const ENDPOINT = 'fal-ai/infinitalk/video-to-video';

/**
 * Everything about a request lives below the app: the endpoint's last part is dropped [doc queue, client source
 * falclient].
 */
const REQUESTS_PATH = '/fal-ai/infinitalk/requests';

/** The path of a request, and with a `tail` that of its status or its cancel. */
export function requestPath(id: string, tail = ''): string {
  return `${REQUESTS_PATH}/${segment(id)}${tail}`;
}

/** Without it fal may serve the request from another endpoint at another price [doc common-parameters]. */
export const CREATE_HEADERS = { 'x-app-fal-disable-fallback': 'true' } as const;

/** The reply to a submit [client source falclient common.d.ts]. The addresses in it are rebuilt rather than followed. */
export const submittedSchema = z.object({ request_id: optionalId });

/** The queue's status; a failed request is COMPLETED with an `error` [client source falclient common.d.ts, falpy]. */
export const queueStatusSchema = z.object({
  request_id: optionalId,
  status: optionalStatus,
  error: anything,
  error_type: optionalText,
});

/** The result [page fal]; its own example lacks the `seed` that it requires. */
export const resultSchema = z.object({ video: anything, seed: optionalNumber });
export const videoSchema = z.object({ content_type: optionalMediaType, file_size: optionalNumber });

/** Platform errors and plain ones: `detail` is a text or a list of model errors [doc errors]. */
export const errorSchema = z.object({
  detail: anything,
  error_type: optionalText,
  message: optionalText,
  error: anything,
});
export const modelErrorSchema = z.object({ msg: optionalText, type: optionalText, loc: anything });

/** The reply to a cancel [doc cancel]. */
export const cancelSchema = z.object({ status: optionalStatus });

/** One page of the platform's listing [doc platform API]. */
export const listSchema = z.object({ items: listOrNull, next_cursor: optionalText });
export const listItemSchema = z.object({
  request_id: optionalId,
  sent_at: anything,
  ended_at: anything,
  status_code: optionalNumber,
  json_input: anything,
});

/** The platform's price list [doc platform API]; `unit` is a free text. */
export const pricesSchema = z.object({ prices: z.array(z.unknown()) });
export const priceSchema = z.object({
  endpoint_id: optionalText,
  unit_price: anything,
  unit: optionalText,
  currency: optionalText,
});

/** Billing events of a request; amounts in US dollars [doc platform API]. */
export const billingSchema = z.object({ billing_events: z.array(z.unknown()) });
export const billingEventSchema = z.object({ request_id: optionalText, cost_total: anything });

/** The first step of an upload, in one piece or in parts [client source falclient storage.js]. */
export const initiatedSchema = z.object({ upload_url: httpUrl, file_url: httpUrl });
export const partSchema = z.object({ partNumber: optionalNumber, etag: optionalText });

/** The body of a submit [page fal], or `null` for two voices, which the route does not take. */
export function createBody(request: StartRequest): JsonObject | null {
  const { media, input, route } = request;
  if (media.voices.kind !== 'one') return null;
  return presentFields({
    video_url: media.video,
    audio_url: media.voices.audio,
    ...commonFields(request),
    num_frames: route.frames === null ? null : input.frames,
    ...listedOptions(request),
  });
}
