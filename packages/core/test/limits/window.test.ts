import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs, nextCreateAt, type Post, RETRY_BACKOFF, windowUse } from '../../src/index.js';

interface Traffic {
  /** Instants at which the server counted each create, somewhere between its sending and its reply. */
  readonly counted: readonly number[];
  readonly sent: readonly number[];
}

/** Sends as soon as the window allows; each create is counted by the server at a random point of its random delay. */
function send(creates: number, perMs: number, delays: readonly (readonly [delay: number, share: number])[]): Traffic {
  const posts: { sentAtMs: number; repliedAtMs: number }[] = [];
  const counted: number[] = [];
  let now = 0;
  for (const [delay, share] of delays) {
    for (;;) {
      const at = nextCreateAt(
        posts.map((post) => seenAt(post, now)),
        { creates, perMs },
        now,
      );
      if (at <= now) break;
      const reply = Math.min(...posts.map((post) => post.repliedAtMs).filter((time) => time > now));
      now = Math.min(at, reply);
    }
    posts.push({ sentAtMs: now, repliedAtMs: now + delay });
    counted.push(now + Math.floor(delay * share));
  }
  return { counted, sent: posts.map((post) => post.sentAtMs) };
}

function seenAt(post: { sentAtMs: number; repliedAtMs: number }, now: number): Post {
  return { sentAtMs: post.sentAtMs, repliedAtMs: post.repliedAtMs <= now ? post.repliedAtMs : null };
}

function mostInAnyWindow(times: readonly number[], perMs: number): number {
  return Math.max(0, ...times.map((start) => times.filter((time) => time >= start && time <= start + perMs).length));
}

const traffic = fc.tuple(
  fc.integer({ min: 1, max: 8 }),
  fc.integer({ min: 1, max: 60_000 }),
  fc.array(fc.tuple(fc.integer({ min: 0, max: 30_000 }), fc.double({ min: 0, max: 1, noNaN: true })), {
    maxLength: 60,
  }),
);

describe('the sliding window', () => {
  it('never lets more than the limit into any window, at the sender and at the server, whatever the delays', () => {
    fc.assert(
      fc.property(traffic, ([creates, perMs, delays]) => {
        const { counted, sent } = send(creates, perMs, delays);
        expect(mostInAnyWindow(counted, perMs)).toBeLessThanOrEqual(creates);
        expect(mostInAnyWindow(sent, perMs)).toBeLessThanOrEqual(creates);
      }),
      { numRuns: 300 },
    );
  });

  it('wastes nothing: a full window opens when its oldest reply is one window old', () => {
    const posts = [100, 300, 200].map((repliedAtMs) => ({ sentAtMs: 0, repliedAtMs }));
    expect(nextCreateAt(posts, { creates: 3, perMs: 1000 }, 500)).toBe(1120);
    expect(nextCreateAt(posts, { creates: 4, perMs: 1000 }, 500)).toBe(500);
  });

  it('names the very instant: there is a place then, and none a millisecond before', () => {
    const reply = fc.option(fc.integer({ min: 0, max: 1_000 }), { nil: null });
    fc.assert(
      fc.property(fc.array(reply, { maxLength: 8 }), fc.integer({ min: 1, max: 8 }), (replies, creates) => {
        const posts = replies.map((repliedAtMs) => ({ sentAtMs: 0, repliedAtMs }));
        const hasPlace = (nowMs: number) => windowUse(posts, { creates, perMs: 700 }, nowMs).taken < creates;
        const at = nextCreateAt(posts, { creates, perMs: 700 }, 1_000);
        expect(at === 1_000).toBe(hasPlace(1_000));
        if (at > 1_000 && at < Number.POSITIVE_INFINITY)
          expect([hasPlace(at - 1), hasPlace(at)]).toEqual([false, true]);
      }),
    );
  });

  it('is closed while it is full of creates without a reply', () => {
    expect(nextCreateAt([{ sentAtMs: 0, repliedAtMs: null }], { creates: 1, perMs: 10 }, 10 ** 9)).toBe(
      Number.POSITIVE_INFINITY,
    );
  });

  it('counts a reply in the future as one of now', () => {
    expect(nextCreateAt([{ sentAtMs: 0, repliedAtMs: 10 ** 9 }], { creates: 1, perMs: 1000 }, 500)).toBe(1520);
  });
});

describe('backoff', () => {
  it('stays between nothing and its ceiling, which doubles up to the maximum', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (tries, random) => {
          const wait = backoffMs(tries, RETRY_BACKOFF, random);
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeLessThanOrEqual(Math.min(RETRY_BACKOFF.maximumMs, RETRY_BACKOFF.firstMs * 2 ** (tries - 1)));
        },
      ),
    );
  });

  it('waits exactly as long as the server asks', () => {
    expect(backoffMs(3, RETRY_BACKOFF, 0.5, 120_000)).toBe(120_000);
  });
});
