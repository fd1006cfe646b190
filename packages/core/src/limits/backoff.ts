export interface BackoffPolicy {
  readonly firstMs: number;
  readonly maximumMs: number;
}

export const RETRY_BACKOFF: BackoffPolicy = { firstMs: 1_000, maximumMs: 60_000 };

/**
 * Full-jitter exponential backoff: a random wait in [0, min(maximum, first x 2^(tries-1))].
 * A wait that the server asked for wins and is not jittered.
 * @param random a number in [0, 1) from a seeded source.
 */
export function backoffMs(tries: number, policy: BackoffPolicy, random: number, retryAfterMs?: number | null): number {
  if (retryAfterMs !== undefined && retryAfterMs !== null) return retryAfterMs;
  const ceiling = Math.min(policy.maximumMs, policy.firstMs * 2 ** Math.min(30, Math.max(0, tries - 1)));
  return Math.round(ceiling * random);
}
