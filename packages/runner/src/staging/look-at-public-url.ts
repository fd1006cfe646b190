import { setTimeout as wait } from 'node:timers/promises';
import { plainText } from '@localize/core';
import { followRedirects, RedirectLoop } from '@localize/media';
import { StagingError } from './staging-error.js';

const ANSWER_WITHIN_MS = 15_000;

/** A storage that copies its objects around, or a cache before it, may need a moment for a new one. */
const ASK_AGAIN_AFTER_MS = 1_000;

/** Answers in the 400s that say nothing of the object. */
const UNCLEAR = new Set([405, 408, 425, 429]);

/**
 * Whether somebody without credentials can read an object that is surely in the bucket, at the public URL that the manifest
 * makes of it: one byte is asked for, since some hosts refuse HEAD.
 * @returns `null` when it can be read; else why that can't be told from here, where a provider may still reach it
 * @throws StagingError when the host answers that it can't
 */
export async function lookAtPublicUrl(
  object: { readonly url: string; readonly bytes: number },
  signal: AbortSignal,
): Promise<string | null> {
  const first = await ask(object, signal);
  if (first === null || !first.isRefusal) return first?.words ?? null;
  await wait(ASK_AGAIN_AFTER_MS, undefined, { signal });
  const second = await ask(object, signal);
  if (second === null || !second.isRefusal) return second?.words ?? null;
  throw new StagingError(`${second.words}: mend staging.s3.public_base_url, or who may read the bucket`, {
    lasting: true,
  });
}

interface Trouble {
  readonly words: string;
  readonly isRefusal: boolean;
}

async function ask({ url, bytes }: { url: string; bytes: number }, signal: AbortSignal): Promise<Trouble | null> {
  let reply: Response;
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
    reply = await followRedirects(url, { headers: { range: 'bytes=0-0' }, signal: limited });
    await reply.body?.cancel();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RedirectLoop)
      return { words: `${url}, where the object should be, redirects without an end`, isRefusal: true };
    return { words: `${url} could not be looked at from here: ${reasonOf(error)}`, isRefusal: false };
  }
  const { status } = reply;
  // Neither can be said of an object that has a first byte: 204 is nothing, and 416 less than one byte.
  if (status < 200 || status >= 300 || status === 204) {
    const isRefusal = status < 500 && !UNCLEAR.has(status);
    return { words: `${url}, where the object should be, answered ${status}`, isRefusal };
  }
  if (/^text\/html/i.test(reply.headers.get('content-type') ?? '')) {
    return { words: `${url}, where the object should be, answered with a web page`, isRefusal: true };
  }
  const found = bytesOf(reply);
  if (found === null || found === bytes) return null;
  return { words: `${url} has ${found} bytes, and the object ${bytes}`, isRefusal: true };
}

/** Of the whole object; `null` where the reply does not say, or not in a way that can be trusted. */
function bytesOf({ headers, status }: Response): number | null {
  if (headers.has('content-encoding')) return null;
  const text = status === 206 ? headers.get('content-range')?.split('/')[1] : headers.get('content-length');
  return text && /^\d+$/.test(text) ? Number(text) : null;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${ANSWER_WITHIN_MS / 1000} s`;
  const cause = error.cause as { code?: string; message?: string } | undefined;
  return plainText(cause?.code ?? cause?.message ?? error.message);
}
