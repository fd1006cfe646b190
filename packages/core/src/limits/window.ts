/**
 * Sliding-window arithmetic (design §5).
 *
 * The server counts a create at some instant between our sending it and its reply, so a place in the window is free
 * one window after the *reply*, plus a margin for the two clocks. A create that has no reply yet holds its place.
 */
export const WINDOW_MARGIN_MS = 20;

export interface CreateLimit {
  /** Creates allowed in any window. */
  readonly creates: number;
  readonly perMs: number;
}

/** One create POST. Times are milliseconds of one clock. */
export interface Post {
  readonly sentAtMs: number;
  /** `null` while the reply is out. */
  readonly repliedAtMs: number | null;
}

/** When the place that a POST takes is free again; `Infinity` while its reply is out. A time in the future is now. */
export function placeFreeAt(post: Post, perMs: number, nowMs: number): number {
  if (post.repliedAtMs === null) return Number.POSITIVE_INFINITY;
  return Math.min(post.repliedAtMs, nowMs) + perMs + WINDOW_MARGIN_MS;
}

/**
 * The earliest time at which one more create may be sent: `nowMs` or before when there is a place, `Infinity` when the
 * window is full of creates that have no reply yet.
 */
export function nextCreateAt(posts: Iterable<Post>, limit: CreateLimit, nowMs: number): number {
  const taken: number[] = [];
  for (const post of posts) {
    const freeAt = placeFreeAt(post, limit.perMs, nowMs);
    if (freeAt > nowMs) taken.push(freeAt);
  }
  if (taken.length < limit.creates) return nowMs;
  taken.sort((a, b) => a - b);
  return taken[taken.length - limit.creates] ?? Number.POSITIVE_INFINITY;
}
