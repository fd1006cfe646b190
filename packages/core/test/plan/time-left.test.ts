import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type LaneStatus,
  nextCreateAt,
  type OpenWork,
  type Post,
  placeFreeAt,
  timeLeft,
  type UploadsLeft,
  WINDOW_MARGIN_MS,
  type WorkLeft,
} from '../../src/index.js';

const NOTHING: WorkLeft = { open: [], waiting: [], uploads: [], results: [], downloads: [], downloadsAtOnce: 12 };
const SECOND = 1_000;

function lane(over: Partial<LaneStatus> = {}): LaneStatus {
  return {
    lane: 'ACME_KEY',
    provider: 'acme',
    limits: { creates: 100, perMs: 60_000, concurrent: 2 },
    from: { creates: 'default', perMs: 'default', concurrent: 'default' },
    learnedConcurrent: null,
    open: 0,
    doubtful: 0,
    inWindow: 0,
    nextPlaceAtMs: null,
    placesFreeAtMs: [],
    rateLimited: 0,
    waitingJobs: 0,
    wait: { for: 'job' },
    ...over,
  };
}

function open(sinceMs: number, over: Partial<OpenWork> = {}): OpenWork {
  const usual = { usualMs: 100 * SECOND, seen: [], isAwaited: true, slotUntilMs: Number.MAX_SAFE_INTEGER };
  return { provider: 'acme', lane: 'ACME_KEY', sinceMs, ...usual, ...over };
}

function postAt(atMs: number): Post {
  return { sentAtMs: atMs, repliedAtMs: atMs };
}

const waiting = { provider: 'acme', usualMs: 100 * SECOND, seen: [] };

describe('the time left', () => {
  it('is there before anything has ended, from usual times and what the lanes let through', () => {
    const left = (waitingJobs: number, over: Partial<LaneStatus> = {}, opened: OpenWork[] = []) =>
      timeLeft({ ...NOTHING, waiting: [waiting], open: opened }, [lane({ waitingJobs, ...over })], { nowMs: 0 });
    expect(left(4)).toEqual({ ms: 200 * SECOND, late: 0 });
    expect(left(4, { learnedConcurrent: 1 })?.ms).toBe(400 * SECOND);
    // Two run for 70 s and for 10 s yet, and one of two slots is free from then on.
    expect(left(2, {}, [open(-30 * SECOND), open(-90 * SECOND)])?.ms).toBe(170 * SECOND);
    const full = { limits: { creates: 1, perMs: 60_000, concurrent: 9 }, inWindow: 1, placesFreeAtMs: [20 * SECOND] };
    expect(left(3, full)?.ms).toBe((20 + 60 + 60 + 100) * SECOND);
    expect(left(1, { wait: { for: 'pause', cause: 'rate-limit', untilMs: 30 * SECOND } })?.ms).toBe(130 * SECOND);
    expect(left(4, { wait: { for: 'person', why: 'auth' } })).toBeNull();
    expect(left(4, { wait: { for: 'budget' } })).toBeNull();
    expect(timeLeft(NOTHING, [], { nowMs: 0 })).toBeNull();
  });

  it('is unknown where an account takes nothing although nothing of ours is open there', () => {
    const left = (over: Partial<LaneStatus>) =>
      timeLeft({ ...NOTHING, waiting: [waiting] }, [lane({ waitingJobs: 2, ...over })], { nowMs: 0 });
    const wait = { for: 'pause', cause: 'rate-limit', untilMs: 30 * SECOND } as const;
    expect(left({ wait, learnedConcurrent: 1 })).toBeNull();
    expect(left({ wait: { for: 'reply' }, learnedConcurrent: 1, open: 1 })).toBeNull();
    expect(left({ wait, learnedConcurrent: 1, open: 1 })).not.toBeNull();
    expect(left({ wait, learnedConcurrent: 2 })).not.toBeNull();
  });

  it('lets creates wait for the places that are taken, also where the window is not full yet', () => {
    const sent = fc.array(fc.integer({ min: -59, max: 0 }), { maxLength: 5 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        sent,
        fc.nat(2),
        fc.integer({ min: 1, max: 20 }),
        (creates, ages, out, jobs) => {
          const limits = { creates, perMs: 60_000, concurrent: 100 };
          const replied = ages.map((at) => at * SECOND).sort((a, b) => a - b);
          const placesFreeAtMs = replied.map((at) => placeFreeAt({ sentAtMs: at, repliedAtMs: at }, limits.perMs, 0));
          const inWindow = placesFreeAtMs.length + out;
          const left = timeLeft(
            { ...NOTHING, waiting: [waiting] },
            [lane({ limits, inWindow, placesFreeAtMs, waitingJobs: jobs })],
            { nowMs: 0 },
          );
          // The law of the window, create by create. What is out is replied to at once.
          const posts: Post[] = [...replied, ...Array.from({ length: out }, () => 0)].map(postAt);
          let last = 0;
          for (let job = 0; job < jobs; job += 1) {
            last = Math.max(last, nextCreateAt(posts, limits, last));
            posts.push(postAt(last));
          }
          const margins = (jobs + 1) * WINDOW_MARGIN_MS;
          expect(Math.abs((left?.ms ?? 0) - (last + waiting.usualMs))).toBeLessThanOrEqual(margins);
        },
      ),
    );
  });

  it('takes what this run and earlier ones saw for what is usual, once that is more than a first odd one', () => {
    const left = (seen: readonly number[]) =>
      timeLeft({ ...NOTHING, open: [open(0, { seen })] }, [lane()], { nowMs: 0 })?.ms;
    expect(left([])).toBe(100 * SECOND);
    expect(left([0.2])).toBe(60 * SECOND);
    expect(left([0.2, 0.25, 0.2, 0.2])).toBe(20 * SECOND);
    expect(left([3, 3, 3.2])).toBe(300 * SECOND);
  });

  it('waits for downloads as long as downloads took, and takes none for work of the provider', () => {
    const results = (count: number) => [{ provider: 'acme', results: count, sinceMs: 0 }];
    const left = (count: number, more: Partial<WorkLeft> = {}, nowMs = SECOND) =>
      timeLeft({ ...NOTHING, results: results(count), downloads: [4 * SECOND], ...more }, [lane()], { nowMs })?.ms;
    expect(left(1)).toBe(3 * SECOND);
    expect(left(25)).toBe(12 * SECOND);
    expect(left(1, { open: [open(0)] })).toBe(103 * SECOND);
    expect(left(1, { downloads: [] })).toBe(0);
  });

  it('waits for files that go up, as fast as they were seen to, and for the job that gets the last of them', () => {
    const uploads = (bytesPerMs: number | null, over: Partial<UploadsLeft> = {}) => [
      { providers: ['acme'], bytes: 500_000, bytesPerMs, atMs: 0, ...over },
    ];
    const left = (all: readonly UploadsLeft[], over: Partial<LaneStatus> = {}, nowMs = 0) =>
      timeLeft({ ...NOTHING, waiting: [waiting], uploads: all }, [lane({ waitingJobs: 2, ...over })], { nowMs })?.ms;
    expect(left(uploads(1))).toBe(600 * SECOND);
    expect(left(uploads(1), {}, 450 * SECOND)).toBe(150 * SECOND);
    // Faster than the jobs are made, at a speed that nobody knows yet, and for others.
    expect(left(uploads(1_000))).toBe(100.5 * SECOND);
    expect(left(uploads(null))).toBe(100 * SECOND);
    expect(left(uploads(1, { providers: ['other'] }))).toBe(100 * SECOND);
    expect(left([...uploads(1), ...uploads(0.5)])).toBe(1_100 * SECOND);
    expect(left(uploads(1), { wait: { for: 'budget' } })).toBeUndefined();
  });

  it('leaves what waits to another run once creates have ended, and other batches’ attempts to theirs', () => {
    const work = { ...NOTHING, waiting: [waiting], open: [open(0)] };
    const now = { nowMs: 40 * SECOND, createsEnded: true };
    expect(timeLeft(work, [lane({ waitingJobs: 50 })], now)).toEqual({ ms: 60 * SECOND, late: 0 });
    const others = [open(0, { isAwaited: false, slotUntilMs: 90 * SECOND })];
    expect(timeLeft({ ...NOTHING, open: others }, [lane()], { nowMs: 0 })).toBeNull();
    const one = lane({ waitingJobs: 1, limits: { creates: 100, perMs: 60_000, concurrent: 1 } });
    expect(timeLeft({ ...NOTHING, open: others, waiting: [waiting] }, [one], { nowMs: 0 })?.ms).toBe(190 * SECOND);
  });

  it('goes on at the same pace where there are too many jobs to look at each', () => {
    const left = (waitingJobs: number) =>
      timeLeft({ ...NOTHING, waiting: [waiting] }, [lane({ waitingJobs })], { nowMs: 0 })?.ms ?? 0;
    expect(left(100_000) / (50_000 * 100 * SECOND)).toBeCloseTo(1, 2);
  });

  it('never counts up for want of ends: what is overdue is called late instead', () => {
    const attempts = fc.array(
      fc.record({ since: fc.integer({ min: 0, max: 200 }), usual: fc.integer({ min: 1, max: 300 }) }),
      { maxLength: 6 },
    );
    const seen = fc.array(fc.double({ min: 0.1, max: 4, noNaN: true }), { maxLength: 5 });
    const steps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(attempts, seen, fc.nat(30), steps, (all, shares, waitingJobs, times) => {
        const opened = all.map((each) => open(-each.since * SECOND, { usualMs: each.usual * SECOND, seen: shares }));
        const work = { ...NOTHING, open: opened, waiting: [{ ...waiting, seen: shares }] };
        let last = Number.POSITIVE_INFINITY;
        for (const time of [...times].sort((a, b) => a - b)) {
          const left = timeLeft(work, [lane({ waitingJobs })], { nowMs: time * SECOND });
          expect(left?.ms ?? 0).toBeLessThanOrEqual(last);
          last = left?.ms ?? 0;
        }
      }),
    );
    const one = (nowMs: number) => timeLeft({ ...NOTHING, open: [open(0)] }, [lane()], { nowMs });
    expect([99, 120, 151].map((time) => one(time * SECOND))).toEqual([
      { ms: SECOND, late: 0 },
      { ms: 0, late: 0 },
      { ms: 0, late: 1 },
    ]);
    // One that took thrice as long was seen, so this may be another.
    const seenLate = { ...NOTHING, open: [open(0, { seen: [1, 3] })] };
    expect(timeLeft(seenLate, [lane()], { nowMs: 151 * SECOND })).toEqual({ ms: 0, late: 0 });
  });
});
