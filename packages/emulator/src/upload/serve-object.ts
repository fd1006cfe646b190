import type { Http } from '../http/env.js';
import { send } from '../http/reply.js';
import { serveFile } from '../http/serve-file.js';
import { decodePath } from '../media/resolve-media.js';
import type { World } from '../world.js';
import { objectError } from './object-error.js';

/** Answers GET and HEAD for a stored file, whatever store it is in. Stored files are public. */
export async function serveObject(world: World, http: Http): Promise<Response> {
  const object = world.objects.find(decodePath(new URL(http.req.url).pathname), world.now());
  if (object === undefined) return send(objectError(404, 'NoSuchKey', 'The specified key does not exist.'));
  return serveFile(http, {
    file: world.contents.file(object.sha256),
    bytes: object.bytes,
    contentType: object.contentType,
    etag: object.sha256,
    modifiedAt: object.storedAt,
  });
}
