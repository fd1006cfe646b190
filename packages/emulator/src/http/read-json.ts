import type { Http } from './env.js';

/** Largest JSON body that is read; data URIs make the largest. */
const MAXIMUM_BYTES = 64 * 1024 * 1024;
/** What checks and keeps a body goes down as deep as it does; parsers of real servers stop at some hundreds. */
const MOST_LEVELS = 500;

export type JsonBody = { json: unknown } | { problem: 'malformed' | 'too-large' | 'broken-off' };

/** Reads a request's JSON body. An absent body is malformed. */
export async function readJson(http: Http): Promise<JsonBody> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of http.env.incoming) {
      bytes += (chunk as Buffer).length;
      if (bytes > MAXIMUM_BYTES) return { problem: 'too-large' };
      chunks.push(chunk as Buffer);
    }
  } catch {
    return { problem: 'broken-off' };
  }
  try {
    const json: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return isDeeper(json, MOST_LEVELS) ? { problem: 'malformed' } : { json };
  } catch {
    return { problem: 'malformed' };
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/** True for a JSON object, as opposed to an array, null or a plain value. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
