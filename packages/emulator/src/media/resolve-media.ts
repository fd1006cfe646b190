import { Readable } from 'node:stream';
import { isOver, stateAt } from '../predict/prediction.js';
import { isLoopback } from '../state/origins.js';
import type { World } from '../world.js';
import { readSeeded } from './seeded-video.js';

/** What a media URL turned out to be. */
export type Resolved =
  | { found: { sha256: string; contentType: string } }
  /** Not a URL at all, or of a scheme that no provider fetches. */
  | { problem: 'not-a-url' }
  | { problem: 'data-uri' }
  /** Another server of this machine, which no provider could reach. */
  | { problem: 'foreign-loopback' }
  /** Plain http to another host. */
  | { problem: 'foreign-http' }
  /** A public https URL: the emulator reaches no network, so nothing is there for it. */
  | { problem: 'foreign' }
  /** One of our own URLs, and nothing is stored there. */
  | { problem: 'missing' };

/**
 * Finds the stored content behind a media URL. The bucket, the upload stores and the outputs of this emulator are the
 * only public hosts there are; they are read from disk, never over HTTP.
 */
export async function resolveMedia(world: World, value: string): Promise<Resolved> {
  if (/^data:/i.test(value)) return { problem: 'data-uri' };
  const url = parseUrl(value);
  if (url === null || !/^https?:$/.test(url.protocol)) return { problem: 'not-a-url' };
  if (!world.origins.includes(url)) {
    if (isLoopback(url)) return { problem: 'foreign-loopback' };
    return { problem: url.protocol === 'http:' ? 'foreign-http' : 'foreign' };
  }
  const path = decodePath(url.pathname);
  const object = world.objects.find(path, world.now());
  if (object !== undefined) return { found: { sha256: object.sha256, contentType: object.contentType } };
  return (await resolveOutput(world, path)) ?? { problem: 'missing' };
}

/** An output of an earlier prediction is public too. */
async function resolveOutput(world: World, path: string): Promise<Resolved | null> {
  const prediction = world.findByOutputPath(path);
  const now = world.now();
  if (prediction === undefined || !isOver(prediction, now) || stateAt(prediction, now) !== 'succeeded') return null;
  const output = await world.outputs.ensure(prediction);
  if (output === null) return null;
  const content = await world.contents.receive(Readable.from(readSeeded(output)));
  return { found: { sha256: content.sha256, contentType: 'video/mp4' } };
}

/** Stores the bytes of a base64 or percent-encoded data URI; null when it is malformed. */
export async function storeDataUri(
  world: World,
  value: string,
): Promise<{ sha256: string; contentType: string } | null> {
  const match = /^data:([^,;]*)((?:;[^,;]*)*),(.*)$/is.exec(value);
  if (match === null) return null;
  const [, contentType = '', parameters = '', payload = ''] = match;
  try {
    const bytes = /;base64$/i.test(parameters)
      ? Buffer.from(payload, 'base64')
      : Buffer.from(decodeURIComponent(payload));
    const { sha256 } = await world.contents.receive(Readable.from([bytes]));
    return { sha256, contentType: contentType || 'application/octet-stream' };
  } catch {
    return null;
  }
}

function parseUrl(value: string): URL | null {
  try {
    return new URL(value);
  } catch {
    return null;
  }
}

/** Percent-decodes a URL path, leaving it as it is where that can't be done. */
export function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
