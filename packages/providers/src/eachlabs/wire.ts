import type { JsonObject, StartRequest } from '@localize/core';
import { z } from 'zod';
import {
  anything,
  httpUrl,
  listOrNull,
  optionalBoolean,
  optionalId,
  optionalStatus,
  optionalText,
} from '../reading/fields.js';
import { commonFields, presentFields } from '../verbs/request-fields.js';

/** The model's slug [page eachlabs]. */
export const MODEL = 'infinitalk-video-to-video';

/** The page's example has the trailing slash, the documentation has none; the page decides [page eachlabs]. */
export const CREATE_PATH = '/prediction/';
export const PREDICTION_PATH = '/prediction';

/**
 * The reply to a create: `predictionID`, and a `status` of "success" that means accepted, not done [doc create-prediction]. The
 * documentation's polls name the id `id`, so that is accepted here as well.
 */
export const createdSchema = z.object({ predictionID: optionalId, id: optionalId, status: anything });

/** The error body of the page, which a create may carry inside a success [page eachlabs]. */
export const refusedSchema = z.object({
  status: z.string().regex(/^\s*error\s*$/i),
  message: z.string().min(1),
  details: z.unknown(),
});

/** The reply to a poll [page eachlabs; doc get-prediction]. A failure's reason may stand in any of the last five. */
export const predictionSchema = z.object({
  predictionID: optionalId,
  id: optionalId,
  status: optionalStatus,
  input: anything,
  metrics: z.object({ cost: anything }).optional().catch(undefined),
  output: anything,
  message: anything,
  details: anything,
  error: anything,
  logs: anything,
});

/** The error envelope that a failed prediction's `output` carries [doc errors]. */
export const errorEnvelopeSchema = z.object({
  error_code: optionalText,
  error_message: optionalText,
  error: optionalText,
  classification: z.object({ category: optionalText, class: optionalText }).optional().catch(undefined),
  retryable: optionalBoolean,
});

/** An HTTP error: `{status, message, details}` [page eachlabs], `{error}` or `{status, error, details}`, or `{}` [doc models.json, video API]. */
export const errorSchema = z.object({ message: optionalText, error: anything, details: anything });

/** One page of `GET /executions` [doc list-executions]. */
export const executionsSchema = z.object({ executions: listOrNull });
export const executionSchema = z.object({ id: optionalId, status: optionalText, created_at: anything });

/** The reply to `POST /upload/presign` [doc storage]. */
export const presignSchema = z.object({
  presigned_url: httpUrl,
  public_url: httpUrl,
  required_headers: z.record(z.string(), z.string()).nullish(),
});

/** The `input` of a create [page eachlabs], or `null` for two voices, which the route does not take. */
export function createInput(request: StartRequest): JsonObject | null {
  const { media } = request;
  if (media.voices.kind !== 'one') return null;
  return presentFields({ audio: media.voices.audio, video: media.video, ...commonFields(request) });
}
