import type { CallContext, StartRequest, StartResult } from '@localize/core';
import { sendCreate } from '../http/send-json.js';
import { type CreateReader, inexpressible, isRefusal, judgeCreate } from '../verbs/judge-create.js';
import { httpFailure, isRefusalCode } from './failure.js';
import { createBody, envelopeSchema, modelOf, predictionSchema } from './wire.js';

const reader: CreateReader = {
  accepted(body) {
    const id = predictionSchema.safeParse(body.data).data?.id;
    return id === undefined ? null : { id, costMicros: null };
  },
  // The envelope's code is an HTTP status [page wavespeed, wavespeed multi]: one that refuses is as good as the status itself, and one that
  // does not (5xx) proves as little.
  refusedInside(body, reply) {
    const { code } = envelopeSchema.parse(body);
    return isRefusal(code) || isRefusalCode(code) ? httpFailure(reply) : null;
  },
  failure: httpFailure,
};

export async function start(request: StartRequest, context: CallContext): Promise<StartResult> {
  const body = createBody(request);
  if (body === null) return inexpressible(`${request.route.id} takes ${request.route.voices} voice(s)`);
  const path = `/${modelOf(request.route.id)}`;
  return judgeCreate(await sendCreate(context, { host: 'base_url', path, body }), reader);
}
