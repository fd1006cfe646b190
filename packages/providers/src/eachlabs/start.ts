import type { CallContext, StartRequest, StartResult } from '@localize/core';
import { kindOfStatus } from '../http/reply-failure.js';
import { sendCreate } from '../http/send-json.js';
import { type CreateReader, inexpressible, isRefusal, judgeCreate } from '../verbs/judge-create.js';
import { httpFailure } from './failure.js';
import { CREATE_PATH, createdSchema, createInput, MODEL, refusedSchema } from './wire.js';

const reader: CreateReader = {
  accepted(body) {
    const { predictionID, id } = createdSchema.parse(body);
    const name = predictionID ?? id;
    return name === undefined ? null : { id: name, costMicros: null };
  },
  // The page's own error body refuses whatever the HTTP status around it is. The shared error handler repeats that status
  // in the body instead. An "error" that explains nothing is neither, and proves nothing.
  refusedInside(body, reply) {
    if (refusedSchema.safeParse(body).success) return httpFailure(reply);
    if (!isRefusal(body.status)) return null;
    return { ...httpFailure(reply), kind: kindOfStatus(body.status), httpStatus: body.status };
  },
  failure: httpFailure,
};

export async function start(request: StartRequest, context: CallContext): Promise<StartResult> {
  const input = createInput(request);
  if (input === null) return inexpressible('Eachlabs takes one voice');
  const body = { model: MODEL, input };
  return judgeCreate(await sendCreate(context, { host: 'base_url', path: CREATE_PATH, body }), reader);
}
