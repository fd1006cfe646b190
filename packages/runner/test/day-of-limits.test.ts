import { secret, type WholePlan, WINDOW_MARGIN_MS } from '@localize/core';
import { and, eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../src/clock.js';
import { admit } from '../src/lanes/admission.js';
import type { Lane } from '../src/lanes/lane.js';
import { openLanes } from '../src/lanes/open-lanes.js';
import { buy } from '../src/store/buy.js';
import { settleEarlierBoots } from '../src/store/clock/earlier-boots.js';
import { noteWallAhead, WallWatch } from '../src/store/clock/wall-ahead.js';
import { Journal } from '../src/store/journal.js';
import { recover } from '../src/store/recover.js';
import { registerPlan } from '../src/store/register-plan.js';
import { batches, jobs } from '../src/store/schema/schema.js';
import type { AttemptRow, BatchRow } from '../src/store/store.js';
import { type BatchFixture, batchFixture, plannedJob } from '../testing/batch-fixture.js';

/** A day of one lane on a virtual clock: real rows, real transactions, a server that counts for itself. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LIMITS = { creates: 5, perMs: 60_000, concurrent: 1_000 };
const RUN = 'run';

let batch: BatchFixture;
/** True time. */
let now = 0;
/** What the state's own time and the wall clock are ahead of it. */
let ahead = { state: 0, wall: 0 };
const clock: Clock = {
  nowMs: () => Math.round(now + ahead.state),
  wallMs: () => Math.round(now + ahead.wall),
  after: () => () => undefined,
};

beforeEach(async () => {
  batch = await batchFixture();
  ahead = { state: 0, wall: 0 };
  // The virtual day asks for thousands of commits whose durability is not what is tested here.
  batch.store.sqlite.pragma('synchronous = OFF');
});
afterEach(() => batch.close());

interface InFlight {
  readonly attempt: AttemptRow;
  readonly replyAt: number;
  /** Of its arrival. */
  readonly index: number;
}

class Day {
  readonly arrivals: number[] = [];
  readonly journal: Journal;
  readonly lane: Lane;
  readonly batch: BatchRow;
  upMs = 0;
  #inFlight: InFlight[] = [];
  /** What was on its way when the process died. */
  #dying: readonly InFlight[] = [];
  #nextJob = 0;
  #state: number;
  readonly #plan: WholePlan;

  constructor(plan: WholePlan, seed: number) {
    this.#plan = plan;
    this.#state = seed;
    this.batch = registerPlan(batch.store, clock, plan, { manifestPath: 'm', folder: 'f', sameBatch: false });
    batch.store.db.update(batches).set({ holderRunId: RUN }).run();
    this.journal = new Journal(batch.store, clock, RUN, () => undefined);
    const keys = [{ provider: 'acme', variable: 'ACME_KEY', account: null, key: secret('k') }];
    const [lane] = openLanes(batch.store, plan, keys, () => 'host');
    if (!lane) throw new Error('no lane');
    this.lane = lane;
  }

  random(): number {
    this.#state = (this.#state * 1103515245 + 12345) % 2 ** 31;
    return this.#state / 2 ** 31;
  }

  /** Between 0.2 and 3 s, now and then 8 s. */
  latency(): number {
    return this.random() < 0.02 ? 8_000 : 200 + this.random() * 2_800;
  }

  /** Runs until `until`, then dies: replies that are out are never seen by the next process. */
  runUntil(until: number): void {
    const from = now;
    while (now < until) {
      this.#settleReplies();
      const look = admit(batch.store, { lane: this.lane, batchId: 1 }, clock.nowMs());
      if (look.admitted) this.#create();
      else now = Math.min(until, look.untilMs - ahead.state, ...this.#inFlight.map(({ replyAt }) => replyAt));
    }
    this.upMs += now - from;
    this.#dying = this.#inFlight;
    this.#inFlight = [];
  }

  restartAfter(downMs: number): void {
    now += downMs;
    recover(this.journal, this.batch.id);
    // The outage brake is another test's subject: here lost replies come from our own death.
    batch.store.sqlite.exec(`UPDATE lanes SET doubts = 0, paused_until = 0`);
  }

  /** The machine dies and starts again; what had not left it by then never arrives. */
  rebootAfter(downMs: number, upMs: number, steppedMs: number): void {
    for (const { index } of this.#dying) this.arrivals[index] = Math.min(this.arrivals[index]!, now);
    batch.store.sqlite.exec(`UPDATE lanes SET doubts = 0, paused_until = 0`);
    now += downMs + upMs;
    ahead.wall += steppedMs;
    const nowMs = clock.wallMs();
    settleEarlierBoots(batch.store, { nowMs, bootedAtMs: Math.round(nowMs - upMs) });
    noteWallAhead(batch.store, 0);
    ahead.state = ahead.wall;
    recover(this.journal, this.batch.id);
  }

  /** Somebody sets the clock while a run is at work. */
  stepClock(byMs: number): void {
    ahead.wall += byMs;
    new WallWatch(batch.store, clock).look();
  }

  #create(): void {
    const planned = this.#plan.jobs[this.#nextJob];
    this.#nextJob += 1;
    const row = batch.store.db
      .select()
      .from(jobs)
      .where(and(eq(jobs.batchId, this.batch.id), eq(jobs.key, planned?.key ?? '')))
      .get();
    const choice = planned?.choices[0];
    if (!row || !choice) throw new Error('the day needs more jobs');
    const job = this.journal.moveJob(row, 'stage');
    const voices = { kind: 'one', audio: 'a' } as const;
    const parts = { video: 'v', voices: ['a'], order: null, mask: null, route: choice.route, input: choice.input };
    const request = { media: { video: 'v', voices, mask: null }, input: choice.input, parts };
    const result = buy(this.journal, {
      batchId: this.batch.id,
      jobId: job.id,
      lane: this.lane,
      keyHash: 'k',
      choice,
      request,
      fingerprint: job.key,
      preferred: [],
      stagingAtMs: clock.nowMs(),
      stagedAtMs: clock.nowMs(),
      timeoutMs: 120_000,
      budget: this.#plan.budget,
      includeApproved: false,
      prices: {},
    });
    if (result.outcome !== 'intended') throw new Error(`not bought: ${result.outcome}`);
    const latency = this.latency();
    const index = this.arrivals.push(now + latency * this.random()) - 1;
    this.#inFlight.push({ attempt: result.attempt, replyAt: now + latency, index });
  }

  #settleReplies(): void {
    const due = this.#inFlight.filter(({ replyAt }) => replyAt <= now);
    this.#inFlight = this.#inFlight.filter(({ replyAt }) => replyAt > now);
    for (const { attempt } of due) {
      const accepted = { predictionId: attempt.id, repliedAt: clock.nowMs(), acceptedAt: clock.nowMs() };
      const row = this.journal.moveAttempt(attempt, 'accept', accepted);
      this.journal.moveAttempt(row, 'complete', { endedAt: clock.nowMs() });
    }
  }
}

/** The most arrivals that any window of the server has seen. */
function fullestWindow(arrivals: readonly number[], perMs: number): number {
  const sorted = [...arrivals].sort((a, b) => a - b);
  let most = 0;
  let first = 0;
  for (let last = 0; last < sorted.length; last += 1) {
    while (sorted[last]! - sorted[first]! >= perMs) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

function planOf(count: number): WholePlan {
  const plan = batch.plan(['de']);
  const jobs = Array.from({ length: count }, (_, position) => ({
    ...plannedJob('de', position),
    key: `v${position}/de`,
  }));
  return { ...plan, jobs, providers: { acme: { ...plan.providers.acme!, limits: LIMITS } } };
}

describe('a lane over 24 simulated hours', () => {
  it('never sends the server more than its cap in any window, through restarts, and uses what the cap allows', () => {
    now = 1_800_000_000_000;
    const end = now + DAY_MS;
    const day = new Day(planOf(7_300), 42);
    let restarts = 0;
    while (now < end) {
      day.runUntil(Math.min(end, now + 60_000 + day.random() * 3_600_000));
      day.restartAfter(day.random() * 90_000);
      restarts += 1;
    }
    expect(restarts).toBeGreaterThan(20);
    expect(fullestWindow(day.arrivals, LIMITS.perMs)).toBeLessThanOrEqual(LIMITS.creates);
    // A place comes round once a window plus its reply: 1.75 s on the mean, 20 ms of margin.
    const possible = (LIMITS.creates * day.upMs) / (LIMITS.perMs + 1_600 + 0.02 * 6_400 + 20);
    expect(day.arrivals.length / possible).toBeGreaterThan(0.98);
  }, 480_000);
});

describe('a lane of a machine that restarts again and again, and whose clock somebody sets now and then', () => {
  it.each([1, 2])(
    'keeps its cap whatever the clock says, and waits for no longer than a window (seed %i)',
    (seed) => {
      now = 1_800_000_000_000;
      const day = new Day(planOf(1_000), seed);
      const step = () => (day.random() < 0.5 ? 0 : (day.random() - 0.5) * 2 * HOUR_MS);
      for (let boot = 0; boot < 30; boot += 1) {
        day.runUntil(now + 20_000 + day.random() * 180_000);
        day.stepClock(step());
        day.runUntil(now + 20_000 + day.random() * 60_000);
        // Most of the time nobody sees what is done to the clock meanwhile.
        day.rebootAfter(day.random() * 10_000, 2_000 + day.random() * 15_000, step());
        const sent = day.arrivals.length;
        day.runUntil(now + LIMITS.perMs + WINDOW_MARGIN_MS + 1);
        expect(day.arrivals.length).toBeGreaterThan(sent);
      }
      expect(fullestWindow(day.arrivals, LIMITS.perMs)).toBeLessThanOrEqual(LIMITS.creates);
    },
    120_000,
  );
});
