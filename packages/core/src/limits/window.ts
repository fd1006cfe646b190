/**
 * Sliding-window arithmetic.
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

/** How full a window is. */
export interface WindowUse {
  /** Places that are taken now. */
  readonly taken: number;
  /** When one more create may be sent: now or before when there is a place, `Infinity` when only a reply can tell. */
  readonly nextAtMs: number;
}

/** How full the window is at `nowMs`. POSTs whose places are free again may be among `posts`: they count for nothing. */
export function windowUse(posts: Iterable<Post>, limit: CreateLimit, nowMs: number): WindowUse {
  const freeAt: number[] = [];
  for (const post of posts) {
    const at = placeFreeAt(post, limit.perMs, nowMs);
    if (at > nowMs) freeAt.push(at);
  }
  const taken = freeAt.length;
  if (taken < limit.creates) return { taken, nextAtMs: nowMs };
  freeAt.sort((a, b) => a - b);
  return { taken, nextAtMs: freeAt[taken - limit.creates] ?? Number.POSITIVE_INFINITY };
}

/**
 * The earliest time at which one more create may be sent: `nowMs` or before when there is a place, `Infinity` when the
 * window is full of creates that have no reply yet.
 */
export function nextCreateAt(posts: Iterable<Post>, limit: CreateLimit, nowMs: number): number {
  return windowUse(posts, limit, nowMs).nextAtMs;
}
