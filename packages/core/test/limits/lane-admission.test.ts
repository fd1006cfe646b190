import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Admission, admission, type LaneFacts, laneWait, leastLoaded, windowUse } from '../../src/index.js';

const NOW = 1_000_000;
const LIMITS = { creates: 10, perMs: 60_000, concurrent: 4 };

function facts(over: Partial<LaneFacts> = {}): LaneFacts {
  return {
    limits: LIMITS,
    learnedConcurrent: null,
    closed: null,
    pausedUntilMs: 0,
    pausedFor: null,
    doubts: 0,
    throttled: 0,
    unreached: 0,
    open: 0,
    doubtful: 0,
    unanswered: 0,
    slotFreeAtMs: null,
    window: () => ({ taken: 0, nextAtMs: NOW }),
    ...over,
  };
}

describe('a lane', () => {
  it('takes a create while fewer are open and fewer lie in the window than its limits allow', () => {
    expect(admission(facts({ open: 1, window: () => ({ taken: 5, nextAtMs: NOW }) }), NOW)).toEqual({
      admitted: true,
      load: 0.5,
      places: 3,
    });
    expect(admission(facts({ open: 4, slotFreeAtMs: NOW + 7 }), NOW)).toMatchObject({
      why: 'concurrency',
      untilMs: NOW + 7,
    });
    expect(admission(facts({ open: 2, learnedConcurrent: 2 }), NOW)).toMatchObject({ why: 'concurrency' });
    const full = windowUse(
      Array.from({ length: 10 }, () => ({ sentAtMs: NOW - 5, repliedAtMs: NOW - 1 })),
      LIMITS,
      NOW,
    );
    expect(admission(facts({ window: () => full }), NOW)).toMatchObject({ why: 'window', untilMs: NOW + 60_019 });
  });

  it('has room beside creates in doubt for as many as a provider was seen to allow, within its limit', () => {
    const learned = { learnedConcurrent: 1, doubtful: 2 };
    expect(admission(facts({ ...learned, open: 2 }), NOW)).toMatchObject({ admitted: true });
    expect(admission(facts({ ...learned, open: 3 }), NOW)).toMatchObject({ why: 'concurrency' });
    expect(admission(facts({ learnedConcurrent: 3, doubtful: 2, open: 4 }), NOW)).toMatchObject({ why: 'concurrency' });
    expect(admission(facts({ doubtful: 4, open: 4 }), NOW)).toMatchObject({ why: 'concurrency' });
  });

  it('says that it is closed or pauses before anything else, and then counts nothing', () => {
    const window = () => {
      throw new Error('counted');
    };
    const untilMs = NOW + 30_000;
    expect(admission(facts({ closed: 'auth', pausedUntilMs: untilMs, window }), NOW)).toMatchObject({ why: 'closed' });
    expect(admission(facts({ pausedUntilMs: untilMs, window }), NOW)).toMatchObject({ why: 'paused', untilMs });
    expect(admission(facts({ pausedUntilMs: NOW }), NOW)).toMatchObject({ admitted: true });
  });

  it('sends one create at a time after two lost replies or a 429', () => {
    for (const trouble of [{ doubts: 2 }, { throttled: 1 }]) {
      expect(admission(facts({ ...trouble, open: 1, unanswered: 1 }), NOW)).toMatchObject({ why: 'one-at-a-time' });
      expect(admission(facts({ ...trouble, open: 1, unanswered: 0 }), NOW)).toMatchObject({ admitted: true });
    }
    expect(admission(facts({ doubts: 1, open: 1, unanswered: 1 }), NOW)).toMatchObject({ admitted: true });
  });
});

describe('a place that another batch waits for', () => {
  const own = { open: 2, created: 2, lastAtMs: 9 };
  const next = (rival: { readonly open: number }) =>
    admission(facts({ open: 2, sharing: () => ({ own, rivals: [{ created: 0, lastAtMs: 0, ...rival }] }) }), NOW);

  it('is left to it for a moment while it has less', () => {
    expect(next({ open: 0 })).toEqual({ admitted: false, why: 'shared', untilMs: NOW + 150 });
  });

  it('is taken once both have their share, one at a time', () => {
    expect(next({ open: 2 })).toMatchObject({ admitted: true, places: 1 });
  });

  it('is looked for last: a lane that takes nothing says why', () => {
    const sharing = () => {
      throw new Error('looked for');
    };
    expect(admission(facts({ open: 4, sharing }), NOW)).toMatchObject({ why: 'concurrency' });
    const full = () => ({ taken: 10, nextAtMs: NOW + 1 });
    expect(admission(facts({ window: full, sharing }), NOW)).toMatchObject({ why: 'window' });
  });
});

describe('the places that a lane says it has', () => {
  it('are all admitted, one after the other', () => {
    const lane = fc.record({
      open: fc.nat(6),
      taken: fc.nat(12),
      doubtful: fc.nat(2),
      learnedConcurrent: fc.option(fc.integer({ min: 1, max: 6 })),
      throttled: fc.nat(1),
      unreached: fc.nat(1),
    });
    const after = ({ open, taken, ...rest }: typeof lane extends fc.Arbitrary<infer L> ? L : never, sent: number) => {
      const since = { open: open + sent, unanswered: sent };
      const nextAtMs = taken + sent < LIMITS.creates ? NOW : NOW + 9;
      return admission(facts({ ...rest, ...since, window: () => ({ taken: taken + sent, nextAtMs }) }), NOW);
    };
    fc.assert(
      fc.property(lane, (each) => {
        const first = after(each, 0);
        const places = first.admitted ? first.places : 0;
        for (let sent = 0; sent < places; sent += 1) expect(after(each, sent).admitted).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('what a lane waits for', () => {
  const two = { waiting: 2, affordable: 2 };

  it('is what its next create is refused for, and until when', () => {
    expect(laneWait(facts({ closed: 'auth: no' }), two, NOW)).toEqual({ for: 'person', why: 'auth: no' });
    const paused = facts({ pausedUntilMs: NOW + 9, pausedFor: 'uncertain' });
    expect(laneWait(paused, two, NOW)).toEqual({ for: 'pause', cause: 'uncertain', untilMs: NOW + 9 });
    expect(laneWait(facts({ open: 4 }), two, NOW)).toEqual({ for: 'slot' });
    expect(laneWait(facts({ throttled: 1, open: 1, unanswered: 1 }), two, NOW)).toEqual({ for: 'reply' });
    const until = (nextAtMs: number) => facts({ window: () => ({ taken: 10, nextAtMs }) });
    expect(laneWait(until(NOW + 7), two, NOW)).toEqual({ for: 'window', untilMs: NOW + 7 });
    expect(laneWait(until(Number.POSITIVE_INFINITY), two, NOW)).toEqual({ for: 'window', untilMs: null });
    expect(laneWait(facts(), two, NOW)).toEqual({ for: 'job' });
    expect(laneWait(facts(), { ...two, awaitPrice: true }, NOW)).toEqual({ for: 'price' });
    expect(laneWait(facts({ open: 4 }), { ...two, awaitPrice: true }, NOW)).toEqual({ for: 'slot' });
  });

  it('is the budget when no job that waits can be paid, and nothing when none waits', () => {
    expect(laneWait(facts(), { waiting: 2, affordable: 0 }, NOW)).toEqual({ for: 'budget' });
    expect(laneWait(facts(), { waiting: 2, affordable: 1 }, NOW)).toEqual({ for: 'job' });
    expect(laneWait(facts({ pausedUntilMs: NOW + 9 }), { waiting: 0, affordable: 0 }, NOW)).toEqual({ for: 'nothing' });
    // A person has to know, also when nothing waits.
    expect(laneWait(facts({ closed: 'payment: empty' }), { waiting: 0, affordable: 0 }, NOW)).toMatchObject({
      for: 'person',
    });
  });
});

describe('lanes of one provider', () => {
  it('end with even loads, as far as what they began with allows', () => {
    const begin = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(begin, fc.integer({ min: 0, max: 100 }), (before, jobs) => {
        const limits = { ...LIMITS, concurrent: 20, creates: 1_000 };
        const open = [...before];
        for (let job = 0; job < jobs; job += 1) {
          const looks = new Map(open.map((count, lane) => [lane, admission(facts({ limits, open: count }), NOW)]));
          const lane = leastLoaded<number>(looks);
          if (lane === null) break;
          open[lane] = (open[lane] ?? 0) + 1;
        }
        const grown = open.filter((count, lane) => count > (before[lane] ?? 0));
        expect(Math.max(...grown, 0) - Math.min(...open, 20)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('count as loaded, and take one create at a time, while their creates go wrong', () => {
    for (const trouble of [{ doubts: 2 }, { throttled: 1 }, { unreached: 1 }]) {
      expect(admission(facts({ ...trouble, open: 1 }), NOW)).toEqual({ admitted: true, load: 1.25, places: 1 });
    }
  });

  it('are taken in their order where they are equally loaded', () => {
    const look: Admission = { admitted: true, load: 0.5, places: 1 };
    expect(leastLoaded(new Map(['a', 'b'].map((lane) => [lane, look])))).toBe('a');
  });

  it('come last while their creates go wrong', () => {
    const looks = new Map(
      [facts({ unreached: 1 }), facts({ doubts: 2 }), facts({ open: 3 })].map((each) => [each, admission(each, NOW)]),
    );
    expect(leastLoaded(looks)?.open).toBe(3);
  });

  it('are passed over while they take nothing', () => {
    const refused: Admission = { admitted: false, why: 'paused', untilMs: NOW + 1 };
    expect(leastLoaded(new Map([['a', refused]]))).toBeNull();
    expect(
      leastLoaded(
        new Map<string, Admission>([
          ['a', refused],
          ['b', { admitted: true, load: 0.9, places: 1 }],
        ]),
      ),
    ).toBe('b');
  });
});
