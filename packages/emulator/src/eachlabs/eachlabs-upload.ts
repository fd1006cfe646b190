import { randomUUID } from 'node:crypto';
import type { Hono } from 'hono';
import type { Env, Http } from '../http/env.js';
import { checkFields, describeIssue, type FieldRule } from '../http/fields.js';
import { isObject, readJson } from '../http/read-json.js';
import { refuseBody } from '../http/refuse-body.js';
import type { Reply } from '../http/reply.js';
import { withAccount } from '../http/with-account.js';
import { extensionOf } from '../upload/file-name.js';
import { receivePut } from '../upload/receive-put.js';
import { serveObject } from '../upload/serve-object.js';
import { takeTicketFault } from '../upload/ticket-fault.js';
import type { World } from '../world.js';
import { eachlabsDialect } from './eachlabs-dialect.js';

/** [doc storage]: the URL lives 15 minutes, the file 100 MB at most and 180 days unless said, 60 s to 365 days. */
const URL_LIFE_MS = 15 * 60_000;
const MAXIMUM_BYTES = 100 * 1024 * 1024;
const DEFAULT_SECONDS = 180 * 86_400;
const MINIMUM_SECONDS = 60;
const MAXIMUM_SECONDS = 31_536_000;

const FIELDS: readonly FieldRule[] = [
  { name: 'content_type', type: 'string', required: true, nonEmpty: true },
  { name: 'file_type', type: 'string', oneOf: ['image', 'video', 'audio', 'other'] },
  { name: 'expires_in_seconds', type: 'integer' },
];

/** `POST /v1/upload/presign`, the PUT that follows, `DELETE /v1/files/{id}`, and the files themselves [doc storage]. */
export function addEachlabsUploads(app: Hono<Env>, world: World): void {
  app.post('/v1/upload/presign', (http) =>
    withAccount(world, http, eachlabsDialect, (account) => presign(world, http, account)),
  );
  app.put('/storage/uploads/:name', (http) => {
    const id = http.req.param('name').replace(/\.[^.]*$/, '');
    const ticket = world.tickets.find('eachlabs', id);
    const requiredHeaders = { 'content-type': ticket?.contentType ?? '', 'x-amz-meta-file-id': id };
    const stored = () => ({ status: 200, body: '' });
    return receivePut(world, http, ticket, { maximumBytes: MAXIMUM_BYTES, requiredHeaders, stored }, (content) => {
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
  app.delete('/v1/files/:id', (http) =>
    withAccount(world, http, eachlabsDialect, () => {
      const ticket = world.tickets.find('eachlabs', http.req.param('id'));
      const removed = ticket !== undefined && world.objects.remove(ticket.path);
      return removed ? { status: 204, body: null } : eachlabsDialect.refuse(404, 'File not found');
    }),
  );
  app.get('/cdn/uploads/:name', (http) => serveObject(world, http));
}

async function presign(world: World, http: Http, account: string): Promise<Reply> {
  const fault = await takeTicketFault(world, eachlabsDialect);
  if (fault !== null) return fault;
  const body = await readJson(http);
  if (!('json' in body) || !isObject(body.json)) return refuseBody(eachlabsDialect, body, 422);
  const [issue] = checkFields(FIELDS, body.json);
  if (issue !== undefined) return eachlabsDialect.refuse(400, describeIssue(issue));
  const contentType = body.json.content_type as string;
  const wanted = (body.json.expires_in_seconds as number | undefined) ?? DEFAULT_SECONDS;
  const seconds = Math.min(MAXIMUM_SECONDS, Math.max(MINIMUM_SECONDS, wanted));
  const id = randomUUID();
  const name = `${id}.${extensionOf(contentType)}`;
  const now = world.now();
  const path = `/eachlabs/cdn/uploads/${name}`;
  world.tickets.issue({
    id,
    provider: 'eachlabs',
    account,
    path,
    contentType,
    bytes: null,
    issuedAt: now,
    urlExpiresAt: now + URL_LIFE_MS,
    fileExpiresAt: now + seconds * 1000,
    multipart: false,
  });
  return {
    status: 200,
    body: {
      id,
      presigned_url: `${world.url(`/eachlabs/storage/uploads/${name}`)}?X-Amz-Expires=900&X-Amz-Signature=${id.replaceAll('-', '')}`,
      public_url: world.url(path),
      expires_at: new Date(now + seconds * 1000).toISOString(),
      required_headers: { 'x-amz-meta-file-id': id },
    },
  };
}
