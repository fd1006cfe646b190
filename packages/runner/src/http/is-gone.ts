const ANSWER_WITHIN_MS = 10_000;
const GONE = new Set([404, 410]);

/** Whether a server says that nothing is there (any more). No answer, or another one, proves nothing. */
export async function isGone(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { request } = await import('undici');
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
    const { statusCode, body } = await request(url, { method: 'HEAD', signal: limit });
    await body.dump();
    return GONE.has(statusCode);
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
