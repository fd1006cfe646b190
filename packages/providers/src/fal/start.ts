import type { CallContext, StartRequest, StartResult } from '@localize/core';
import { sendCreate } from '../http/send-json.js';
import { type CreateReader, inexpressible, judgeCreate } from '../verbs/judge-create.js';
import { httpFailure } from './failure.js';
import { CREATE_HEADERS, createBody, ENDPOINT, submittedSchema } from './wire.js';

const reader: CreateReader = {
  accepted(body) {
    const id = submittedSchema.parse(body).request_id;
    return id === undefined ? null : { id, costMicros: null };
  },
  failure: httpFailure,
};

export async function start(request: StartRequest, context: CallContext): Promise<StartResult> {
  const body = createBody(request);
  if (body === null) return inexpressible('fal takes one voice');
  const sent = await sendCreate(context, { host: 'base_url', path: `/${ENDPOINT}`, body, headers: CREATE_HEADERS });
  return judgeCreate(sent, reader);
}
