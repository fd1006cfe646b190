import type { Http } from '../http/env.js';
import { send } from '../http/reply.js';
import { serveFile } from '../http/serve-file.js';
import { slowDown } from '../http/slow-reply.js';
import { decodePath } from '../media/resolve-media.js';
import type { World } from '../world.js';
import { isOver } from './prediction.js';
import { viewPrediction } from './view.js';

/** Answers a download of an output. Outputs are public: no key is asked for [doc media-expiration, of fal; else assumed]. */
export async function serveOutput(world: World, http: Http): Promise<Response> {
  const prediction = world.findByOutputPath(decodePath(new URL(http.req.url).pathname));
  const notFound = { status: 404, body: 'Not Found' };
  if (prediction === undefined || !isOver(prediction, world.now())) return send(notFound);
  const candidate = { provider: prediction.provider, route: prediction.route };
  await slowDown(world, candidate, 'output');
  const sinceEnd = world.now() - prediction.finishesAt;
  const refused = world.faults.take('output-status', candidate, (fault) => sinceEnd >= (fault.afterMs ?? 0));
  if (refused !== undefined) return send({ status: refused.status, body: accessDenied(refused.status) });
  const { output } = await viewPrediction(world, prediction);
  const made = output === null ? null : await world.outputs.ensure(prediction);
  if (made === null) return send(notFound);
  const cutShort = http.req.method === 'GET' ? world.faults.take('truncate-output', candidate) : undefined;
  return serveFile(
    http,
    {
      file: made.file,
      bytes: made.bytes,
      patch: made.patch,
      end: made.end,
      contentType: 'video/mp4',
      etag: made.key,
      modifiedAt: prediction.finishesAt,
    },
    cutShort === undefined ? undefined : (cutShort.fraction ?? 0.5),
  );
}

/** What an object store says; providers' file hosts are such stores. */
function accessDenied(status: number): string {
  const code = status === 404 ? 'NoSuchKey' : 'AccessDenied';
  const message = status === 404 ? 'The specified key does not exist.' : 'Request has expired';
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
}
