import type { Http } from '../http/env.js';
import { isObject, readJson } from '../http/read-json.js';
import { send } from '../http/reply.js';
import { objectError } from '../upload/object-error.js';
import { receivePut } from '../upload/receive-put.js';
import type { World } from '../world.js';

/** Path under which a part is kept until the upload is complete. */
function partPath(id: string, part: number): string {
  return `/fal/parts/${id}/${part}`;
}

/** `PUT {upload_url path}/{n}` -> `{partNumber, etag}` [client source falclient storage.js]. */
export async function receivePart(world: World, http: Http): Promise<Response> {
  const ticket = world.tickets.find('fal', http.req.param('id') ?? '');
  const number = Number(http.req.param('part'));
  if (ticket === undefined || !ticket.multipart || !Number.isSafeInteger(number) || number < 1 || number > 10_000) {
    return send(objectError(400, 'InvalidPart', 'No such part'));
  }
  const stored = ({ sha256 }: { sha256: string }) => ({
    status: 200,
    body: { partNumber: number, etag: `"${sha256.slice(0, 32)}"` },
  });
  return receivePut(world, http, ticket, { stored }, (content) =>
    world.objects.put({
      ...content,
      path: partPath(ticket.id, number),
      contentType: 'application/octet-stream',
      storedAt: world.now(),
      expiresAt: ticket.urlExpiresAt,
    }),
  );
}

/** `POST {upload_url path}/complete` with `{parts:[{partNumber, etag}]}` [client source falclient storage.js]. */
export async function completeMultipart(world: World, http: Http): Promise<Response> {
  const ticket = world.tickets.find('fal', http.req.param('id') ?? '');
  const body = await readJson(http);
  const parts = 'json' in body && isObject(body.json) ? body.json.parts : undefined;
  if (ticket === undefined || !ticket.multipart || !Array.isArray(parts) || parts.length === 0) {
    return send(objectError(400, 'InvalidRequest', 'The list of parts is not valid'));
  }
  const stored = parts.map((part) => {
    const object = world.objects.find(partPath(ticket.id, Number(part?.partNumber)), world.now());
    return object !== undefined && part?.etag === `"${object.sha256.slice(0, 32)}"` ? object : null;
  });
  const inOrder = parts.every((part, index) => part?.partNumber === index + 1);
  if (!inOrder || stored.some((object) => object === null)) {
    return send(objectError(400, 'InvalidPart', 'One or more of the specified parts could not be found'));
  }
  const whole = await world.contents.join(stored.map((object) => object?.sha256 ?? ''));
  world.objects.put({
    ...whole,
    path: ticket.path,
    contentType: ticket.contentType ?? 'application/octet-stream',
    storedAt: world.now(),
    expiresAt: ticket.fileExpiresAt,
  });
  for (const object of stored) if (object !== null) world.objects.remove(object.path);
  return send({ status: 200, body: { status: 'ok' } });
}
