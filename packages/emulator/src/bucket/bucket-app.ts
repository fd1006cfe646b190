import { Hono } from 'hono';
import type { Env } from '../http/env.js';
import { cut, send } from '../http/reply.js';
import { decodePath } from '../media/resolve-media.js';
import { contentTypeOf } from '../upload/file-name.js';
import { objectError } from '../upload/object-error.js';
import { serveObject } from '../upload/serve-object.js';
import type { World } from '../world.js';

/** The user's own public bucket: `PUT`, `GET`, `HEAD` and `DELETE` of `/bucket/<key>`, no key asked for. */
export function createBucketApp(world: World): Hono<Env> {
  const app = new Hono<Env>();
  app.put('/*', async (http) => {
    const path = decodePath(new URL(http.req.url).pathname);
    if (path === '/bucket/') return send(objectError(400, 'InvalidRequest', 'A key is needed'));
    try {
      const content = await world.contents.receive(http.env.incoming);
      const contentType = http.req.header('content-type') ?? contentTypeOf(path);
      world.objects.put({ ...content, path, contentType, storedAt: world.now(), expiresAt: null });
      return send({ status: 200, body: '', headers: { etag: `"${content.sha256}"` } });
    } catch {
      // The sender went away before the end: nothing is kept, and nobody is there to be told.
      return cut(http);
    }
  });
  app.get('/*', (http) => serveObject(world, http));
  app.delete('/*', (http) => {
    world.objects.remove(decodePath(new URL(http.req.url).pathname));
    return send({ status: 204, body: null });
  });
  return app;
}

/** URL path of a key; each part is escaped, slashes stay. */
export function bucketPath(key: string): string {
  const parts = key.split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
  return `/bucket/${parts.map(encodeURIComponent).join('/')}`;
}
