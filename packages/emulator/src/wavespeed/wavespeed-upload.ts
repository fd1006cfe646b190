import { randomUUID } from 'node:crypto';
import type { Hono } from 'hono';
import type { Env, Http } from '../http/env.js';
import { checkFields, describeIssue, type FieldRule } from '../http/fields.js';
import { isObject, readJson } from '../http/read-json.js';
import { refuseBody } from '../http/refuse-body.js';
import type { Reply } from '../http/reply.js';
import { withAccount } from '../http/with-account.js';
import { contentTypeOf, safeFileName } from '../upload/file-name.js';
import { receiveForm } from '../upload/receive-form.js';
import { receivePut } from '../upload/receive-put.js';
import { serveObject } from '../upload/serve-object.js';
import { takeTicketFault } from '../upload/ticket-fault.js';
import type { World } from '../world.js';
import { envelope, wavespeedDialect } from './wavespeed-dialect.js';

/** "files kept 7 days" [doc upload-files]. */
const FILE_LIFE_MS = 7 * 86_400_000;
/** How long an upload URL lives is not documented; an hour is assumed. */
const URL_LIFE_MS = 3_600_000;

const FIELDS: readonly FieldRule[] = [
  { name: 'filename', type: 'string', required: true, nonEmpty: true },
  { name: 'size', type: 'integer', required: true, minimum: 1 },
  { name: 'content_type', type: 'string' },
];

/** `POST /media/uploads` and its PUT [client source wsjs], `POST /media/upload/binary` [doc upload-files-api]. */
export function addWavespeedUploads(app: Hono<Env>, world: World): void {
  app.post('/api/v3/media/uploads', (http) =>
    withAccount(world, http, wavespeedDialect, (account) => issueTicket(world, http, account)),
  );
  app.put('/storage/:id', (http) => {
    const ticket = world.tickets.find('wavespeed', http.req.param('id'));
    // "exactly those headers" [client source wsjs].
    const requiredHeaders = ticket?.contentType === null ? {} : { 'content-type': ticket?.contentType ?? '' };
    const stored = () => ({ status: 200, body: '' });
    return receivePut(world, http, ticket, { requiredHeaders, stored }, (content) => {
      if (ticket === undefined) return;
      const contentType = ticket.contentType ?? contentTypeOf(ticket.path);
      const expiresAt = ticket.fileExpiresAt;
      world.objects.put({ ...content, path: ticket.path, contentType, storedAt: world.now(), expiresAt });
    });
  });
  app.post('/api/v3/media/upload/binary', (http) =>
    withAccount(world, http, wavespeedDialect, () => receiveBinary(world, http)),
  );
  app.get('/media/:id/:name', (http) => serveObject(world, http));
}

async function issueTicket(world: World, http: Http, account: string): Promise<Reply> {
  const fault = await takeTicketFault(world, wavespeedDialect);
  if (fault !== null) return fault;
  const body = await readJson(http);
  if (!('json' in body) || !isObject(body.json)) return refuseBody(wavespeedDialect, body, 400);
  const [issue] = checkFields(FIELDS, body.json);
  if (issue !== undefined) return wavespeedDialect.refuse(400, describeIssue(issue));
  const contentType = (body.json.content_type as string | undefined) ?? null;
  const id = randomUUID().replaceAll('-', '');
  const path = `/wavespeed/media/${id}/${safeFileName(body.json.filename as string)}`;
  const now = world.now();
  world.tickets.issue({
    id,
    provider: 'wavespeed',
    account,
    path,
    contentType,
    bytes: body.json.size as number,
    issuedAt: now,
    urlExpiresAt: now + URL_LIFE_MS,
    fileExpiresAt: now + FILE_LIFE_MS,
    multipart: false,
  });
  const headers = contentType === null ? {} : { 'Content-Type': contentType };
  return envelope({
    download_url: world.url(path),
    upload: { method: 'PUT', url: `${world.url(`/wavespeed/storage/${id}`)}?X-Amz-Signature=${id}`, headers },
  });
}

async function receiveBinary(world: World, http: Http): Promise<Reply> {
  const fault = await takeTicketFault(world, wavespeedDialect);
  if (fault !== null) return fault;
  const form = await receiveForm(world.contents, http, 'file');
  if ('problem' in form) return wavespeedDialect.refuse(400, form.problem);
  const filename = safeFileName(form.filename);
  // Forms that say nothing of a file's type, or only that it is bytes, leave it to the name.
  const stated = form.contentType === 'application/octet-stream' ? null : form.contentType;
  const contentType = stated ?? contentTypeOf(filename);
  const path = `/wavespeed/media/${randomUUID().replaceAll('-', '')}/${filename}`;
  const now = world.now();
  const { sha256, bytes } = form.content;
  world.objects.put({ path, sha256, bytes, contentType, storedAt: now, expiresAt: now + FILE_LIFE_MS });
  const type = contentType.split('/')[0];
  return envelope({ type, download_url: world.url(path), filename: form.filename, size: bytes });
}
