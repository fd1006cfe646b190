import { followRedirects, RedirectLoop } from './follow-redirects.js';
import { MediaError } from './media-error.js';
import { sourceName } from './source-name.js';
import { Silence, watchBody } from './watch-body.js';

/** So long a server may keep silent, before its answer and within it. */
const PATIENCE_MS = 30_000;
/** Of its beginning so much is kept, to tell what it is. */
export const HEAD_BYTES = 256;

const EMPTY = 'is empty (0 bytes)';

/** A fetch for one URL that remembers its first failure in plain words, and the size that the server told. */
export interface MediaFetch {
  fetch: typeof fetch;
  /** The failure that made reading end, if it was the network or the server that failed. */
  failure(): MediaError | null;
  bytes(): number | null;
  /** What was fetched first of its beginning; empty where nothing was. */
  head(): Buffer;
  /** Ends every request that is still open. */
  stop(reason?: unknown): void;
}

/**
 * Makes the fetch that a demuxer reads one URL with. A status other than success, a server that keeps silent for 30 s, a
 * broken connection and a body shorter than its own header says are remembered as MEDIA_UNREACHABLE, an empty body as
 * MEDIA_EMPTY.
 */
export function createMediaFetch(url: string, patienceMs = PATIENCE_MS): MediaFetch {
  const name = sourceName(url);
  const stopped = new AbortController();
  let failure: MediaError | null = null;
  let bytes: number | null = null;
  let head = Buffer.alloc(0);

  function fail(code: 'MEDIA_UNREACHABLE' | 'MEDIA_EMPTY', what: string, cause?: unknown): MediaError {
    failure ??= new MediaError(code, `${name} ${what}`, { cause });
    return failure;
  }

  function isStopped(init: RequestInit | undefined): boolean {
    return stopped.signal.aborted || init?.signal?.aborted === true;
  }

  async function request(input: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
    const response = await answerTo(input, init);
    checkStatus(response);
    bytes ??= totalBytes(response);
    if (bytes === 0) throw fail('MEDIA_EMPTY', EMPTY);
    const isBeginning = response.status !== 206 || /^bytes 0-/.test(response.headers.get('content-range') ?? '');
    return watchBody(response, {
      patienceMs,
      onChunk: (chunk) => {
        if (isBeginning && head.length === 0) head = Buffer.from(chunk.subarray(0, HEAD_BYTES));
      },
      translate: (error) => {
        if (isStopped(init)) return error;
        const silence = error instanceof Silence ? ` and sent nothing for ${patienceMs / 1000} s` : '';
        return fail('MEDIA_UNREACHABLE', `stopped answering before its end${silence}`, error);
      },
    });
  }

  /** What the server answers, within our patience. */
  async function answerTo(input: Parameters<typeof fetch>[0], init: RequestInit | undefined): Promise<Response> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), patienceMs);
    const signals = [stopped.signal, late.signal, ...(init?.signal ? [init.signal] : [])];
    try {
      const address = input instanceof Request ? input.url : input;
      return await followRedirects(address, { ...init, signal: AbortSignal.any(signals) });
    } catch (error) {
      if (isStopped(init)) throw error;
      if (error instanceof RedirectLoop) {
        throw fail('MEDIA_UNREACHABLE', 'is redirected again and again, without an end', error);
      }
      const silence = late.signal.aborted ? `did not answer within ${patienceMs / 1000} s` : 'could not be reached';
      throw fail('MEDIA_UNREACHABLE', silence, error);
    } finally {
      clearTimeout(timer);
    }
  }

  function checkStatus(response: Response): void {
    if (response.ok) return;
    // Nobody reads this body: a failure to let it go tells nothing that the status does not.
    void response.body?.cancel().catch(() => {});
    // 416 to a range from 0 is how a server says that there is nothing in the file.
    if (response.status === 416 && bytes === null) throw fail('MEDIA_EMPTY', EMPTY);
    throw fail('MEDIA_UNREACHABLE', `answered with status ${response.status}`);
  }

  return {
    fetch: request as typeof fetch,
    failure: () => failure,
    bytes: () => bytes,
    head: () => head,
    stop: (reason) => stopped.abort(reason),
  };
}

/** The size of the whole resource; lengths of an encoded body count other bytes than those that are read. */
function totalBytes(response: Response): number | null {
  if (response.headers.has('content-encoding')) return null;
  if (response.status === 206) {
    const total = /\/(\d+)\s*$/.exec(response.headers.get('content-range') ?? '')?.[1];
    return total === undefined ? null : Number(total);
  }
  const length = response.headers.get('content-length');
  return length === null ? null : Number(length);
}
