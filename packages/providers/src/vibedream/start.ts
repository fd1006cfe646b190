import type { CallContext, StartRequest, StartResult } from '@localize/core';
import { sendCreate } from '../http/send-json.js';
import { readCents } from '../reading/usd.js';
import { type CreateReader, inexpressible, judgeCreate } from '../verbs/judge-create.js';
import { httpFailure } from './failure.js';
import { CREATE_PATH, createBody, createdSchema } from './wire.js';

const reader: CreateReader = {
  accepted(body) {
    const { id, costCents } = createdSchema.parse(body);
    return id === undefined ? null : { id, costMicros: readCents(costCents) };
  },
  failure: httpFailure,
};

export async function start(request: StartRequest, context: CallContext): Promise<StartResult> {
  const body = createBody(request);
  if (body === null) return inexpressible('VibeDream takes one voice');
  return judgeCreate(await sendCreate(context, { host: 'base_url', path: CREATE_PATH, body }), reader);
}
