import { randomUUID } from 'node:crypto';
import type { Hono } from 'hono';
import type { Env, Http } from '../http/env.js';
import { isObject, readJson } from '../http/read-json.js';
import { refuseBody } from '../http/refuse-body.js';
import { type Reply, send } from '../http/reply.js';
import { withAccount } from '../http/with-account.js';
import { safeFileName } from '../upload/file-name.js';
import { objectError } from '../upload/object-error.js';
import { receivePut } from '../upload/receive-put.js';
import { serveObject } from '../upload/serve-object.js';
import { takeTicketFault } from '../upload/ticket-fault.js';
import type { World } from '../world.js';
import { falDialect, platformError } from './fal-dialect.js';
import { completeMultipart, receivePart } from './fal-multipart.js';

/** How long an upload URL lives is not documented; an hour is assumed. */
const URL_LIFE_MS = 3_600_000;

/** Uploads of fal's storage [client source falclient storage.js]: one PUT, or parts of 10 MB above 90 MB. */
export function addFalUploads(app: Hono<Env>, world: World): void {
  app.post('/rest/storage/upload/initiate', (http) =>
    withAccount(world, http, falDialect, (account) => initiate(world, http, account, false)),
  );
  app.post('/rest/storage/upload/initiate-multipart', (http) =>
    withAccount(world, http, falDialect, (account) => initiate(world, http, account, true)),
  );
  app.put('/storage/:id', (http) => {
    const ticket = world.tickets.find('fal', http.req.param('id'));
    if (ticket?.multipart) return send(objectError(400, 'InvalidRequest', 'This upload is made in parts'));
    const requiredHeaders = { 'content-type': ticket?.contentType ?? '' };
    const stored = () => ({ status: 200, body: '' });
    return receivePut(world, http, ticket, { requiredHeaders, stored }, (content) => {
      if (ticket === undefined) return;
      world.objects.put({
        ...content,
        path: ticket.path,
        contentType: ticket.contentType ?? 'application/octet-stream',
        storedAt: world.now(),
        expiresAt: ticket.fileExpiresAt,
      });
    });
  });
  app.put('/storage/:id/:part', (http) => receivePart(world, http));
  app.post('/storage/:id/complete', (http) => completeMultipart(world, http));
  app.get('/files/:id/:name', (http) => serveObject(world, http));
}

async function initiate(world: World, http: Http, account: string, multipart: boolean): Promise<Reply> {
  const fault = await takeTicketFault(world, falDialect);
  if (fault !== null) return fault;
  if (http.req.query('storage_type') !== 'fal-cdn-v3') return platformError(400, 'storage_type must be fal-cdn-v3');
  const body = await readJson(http);
  if (!('json' in body) || !isObject(body.json)) return refuseBody(falDialect, body, 422);
  const { content_type, file_name } = body.json;
  if (typeof content_type !== 'string' || content_type === '') return platformError(422, 'content_type is required');
  if (typeof file_name !== 'string' || file_name === '') return platformError(422, 'file_name is required');
  const lifetime = readLifetime(http.req.header('x-fal-object-lifecycle'));
  if (lifetime === 'invalid') return platformError(400, 'Invalid X-Fal-Object-Lifecycle');
  const id = randomUUID();
  const path = `/fal/files/${id}/${safeFileName(file_name)}`;
  const now = world.now();
  world.tickets.issue({
    id,
    provider: 'fal',
    account,
    path,
    contentType: content_type,
    bytes: null,
    issuedAt: now,
    urlExpiresAt: now + URL_LIFE_MS,
    fileExpiresAt: lifetime === null ? null : now + lifetime * 1000,
    multipart,
  });
  const upload_url = `${world.url(`/fal/storage/${id}`)}?X-Fal-Signature=${id.replaceAll('-', '')}`;
  return { status: 200, body: { upload_url, file_url: world.url(path) } };
}

/** Seconds of `X-Fal-Object-Lifecycle: {"expiration_duration_seconds":N}`; null when the file is kept. */
function readLifetime(header: string | undefined): number | null | 'invalid' {
  if (header === undefined) return null;
  try {
    const { expiration_duration_seconds: seconds } = JSON.parse(header);
    return typeof seconds === 'number' && seconds > 0 ? seconds : seconds === undefined ? null : 'invalid';
  } catch {
    return 'invalid';
  }
}
