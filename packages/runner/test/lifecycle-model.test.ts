import {
  ATTEMPT_TRANSITIONS,
  type AttemptEvent,
  type AttemptState,
  IllegalTransitionError,
  JOB_TRANSITIONS,
  type JobEvent,
  type JobState,
  LocalizeError,
} from '@localize/core';
import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../src/clock.js';
import { bootClock, cancel, type RunOptions, retry, type Settlement, settle } from '../src/index.js';
import { Journal } from '../src/store/journal.js';
import { attempts, jobs, lanes } from '../src/store/schema/schema.js';
import type { AttemptRow } from '../src/store/store.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';

/** Random legal and illegal events on real rows, with the database closed and opened anywhere: the same answer. */

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
  await batch.run();
});
afterEach(() => batch.close());

const jobEvents = [...new Set(Object.values(JOB_TRANSITIONS).flatMap((moves) => Object.keys(moves)))] as JobEvent[];
const attemptEvents = [
  ...new Set(Object.values(ATTEMPT_TRANSITIONS).flatMap((moves) => Object.keys(moves))),
] as AttemptEvent[];

const steps = fc.array(
  fc.oneof(
    fc.record({ on: fc.constant('job' as const), event: fc.constantFrom(...jobEvents) }),
    fc.record({ on: fc.constant('attempt' as const), event: fc.constantFrom(...attemptEvents) }),
    fc.record({ on: fc.constant('crash' as const), event: fc.constant(null) }),
    fc.record({
      on: fc.constant('torn' as const),
      event: fc.constantFrom(...jobEvents),
      attemptEvent: fc.constantFrom(...attemptEvents),
    }),
  ),
  { maxLength: 40 },
);

function journal(): Journal {
  return new Journal(batch.store, systemClock(), null, () => undefined);
}

function legal(table: Record<string, Record<string, string>>, from: string, event: string): string | null {
  return table[from]?.[event] ?? null;
}

it('answers every event as the tables say, before and after a crash', () => {
  const template = batch.store.db.select().from(attempts).all()[0]!;
  let round = 0;
  fc.assert(
    fc.property(steps, (events) => {
      round += 1;
      const jobId = freshJob(round);
      const attempt = freshAttempt(template, jobId, round);
      let job: JobState = 'pending';
      let state: AttemptState = 'intended';
      for (const step of events) {
        if (step.on === 'crash') batch.reopen();
        else if (step.on === 'torn') tear({ jobId, attemptId: attempt.id }, { job, attempt: state }, step);
        else if (step.on === 'job') job = applyJob(jobId, job, step.event);
        else state = applyAttempt(attempt.id, state, step.event);
        expect(batch.store.db.select().from(jobs).where(eq(jobs.id, jobId)).get()?.state).toBe(job);
        expect(batch.store.db.select().from(attempts).where(eq(attempts.id, attempt.id)).get()?.state).toBe(state);
      }
      closeOpen(jobId);
    }),
    { numRuns: 60, seed: 20261121 },
  );
}, 120_000);

/** What is done to a batch by hand and by runs. `lose`: a run whose next create loses its reply. */
const COMMANDS = [
  'run',
  'lose',
  'name',
  'name the first',
  'not-bought',
  'not-bought, the first',
  'charged',
  'abandon',
  'retry',
  'retry --uncertain',
  'cancel',
] as const;

it('never buys a job beside a prediction of its own that is under way or paid for, whatever is said in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...COMMANDS), { minLength: 3, maxLength: 8 }), async (commands) => {
      const world = await batchFixture(['de']);
      try {
        const twice: string[] = [];
        for (const command of ['lose' as const, ...commands]) await carryOut(world, command, twice);
        expect(twice).toEqual([]);
      } finally {
        await world.close();
      }
    }),
    { numRuns: 12, seed: 20261122, examples: [[['retry --uncertain', 'name', 'run']]] },
  );
}, 240_000);

async function carryOut(world: BatchFixture, command: (typeof COMMANDS)[number], twice: string[]): Promise<void> {
  const action = { store: world.store, batch: 'spring', clock: bootClock(world.store), host: 'test' };
  const all = { only: () => true };
  const say = async (settlement: Settlement) => {
    await settle(action, 'keynote/de', settlement).catch((error: unknown) => {
      if (!(error instanceof LocalizeError && error.code === 'SETTLE_NOT_POSSIBLE')) throw error;
    });
  };
  switch (command) {
    case 'lose':
      world.scripted.nextStarts.push('uncertain');
      expect([0, 1]).toContain((await world.run(watched(world, twice))).exit);
      world.scripted.nextStarts.length = 0;
      return;
    case 'run':
      expect([0, 1]).toContain((await world.run(watched(world, twice))).exit);
      return;
    case 'name':
    case 'name the first':
      return say({
        kind: 'prediction',
        attempt: command === 'name' ? undefined : 1,
        predictionId: lastUnowned(world),
        referenceFor: (_, id) => ({ id }),
        identify: null,
      });
    case 'not-bought, the first':
      return say({ kind: 'not-bought', attempt: 1 });
    case 'not-bought':
    case 'abandon':
      return say({ kind: command });
    case 'charged':
      return say({ kind: command, micros: 150_000 });
    case 'retry':
    case 'retry --uncertain':
      return void (await retry(action, { ...all, uncertain: command !== 'retry' }));
    case 'cancel':
      return void (await cancel(action, { ...all, askProvider: async () => null }));
  }
}

/** Looks, when a create leaves, at what its job has at the provider already. No prediction is done when it is first looked at. */
function watched(world: BatchFixture, twice: string[]): Partial<RunOptions> {
  const { provider } = world.scripted;
  const start: typeof provider.start = (...given) => {
    const beside = `SELECT other.state FROM attempts a JOIN attempts other ON other.job_id = a.job_id AND other.id <> a.id
      WHERE a.state = 'intended' AND other.state IN ('accepted', 'completed')`;
    twice.push(
      ...world.store.sqlite
        .prepare<[], { state: string }>(beside)
        .all()
        .map(({ state }) => state),
    );
    return provider.start(...given);
  };
  const looks = new Set<string>();
  const status: typeof provider.status = async (route, reference, call) => {
    const id = String(reference.id);
    if (looks.has(id)) return provider.status(route, reference, call);
    looks.add(id);
    return { state: 'pending', phase: 'running' };
  };
  return { providers: new Map([['acme', { ...provider, start, status }]]) };
}

/** As a person finds it in the provider's own list: what no attempt has. */
function lastUnowned(world: BatchFixture): string {
  const owned = new Set(
    world.store.db
      .select()
      .from(attempts)
      .all()
      .map(({ predictionId }) => predictionId),
  );
  return world.scripted.starts.findLast(({ id }) => !owned.has(id))?.id ?? 'prediction-1';
}

function applyJob(id: number, from: JobState, event: JobEvent): JobState {
  const row = batch.store.db.select().from(jobs).where(eq(jobs.id, id)).get()!;
  const to = legal(JOB_TRANSITIONS, from, event);
  const patch = to === 'held' ? { holdReason: 'uncertain' as const } : {};
  if (to === null) {
    expect(() => journal().moveJob(row, event, patch)).toThrow(IllegalTransitionError);
    return from;
  }
  expect(journal().moveJob(row, event, patch).state).toBe(to);
  // Whoever still holds the row as it was cannot move it again.
  if (to !== from) expect(() => journal().moveJob(row, event, patch)).toThrow(/no longer/);
  return to as JobState;
}

/** A crash in the middle of a transaction: what it had moved is as it was, and nobody is told of it. */
function tear(
  { jobId, attemptId }: { jobId: number; attemptId: string },
  from: { job: JobState; attempt: AttemptState },
  { event, attemptEvent }: { event: JobEvent; attemptEvent: AttemptEvent },
): void {
  const movesJob = legal(JOB_TRANSITIONS, from.job, event) !== null;
  const movesAttempt = legal(ATTEMPT_TRANSITIONS, from.attempt, attemptEvent) !== null;
  const job = batch.store.db.select().from(jobs).where(eq(jobs.id, jobId)).get()!;
  const attempt = batch.store.db.select().from(attempts).where(eq(attempts.id, attemptId)).get()!;
  const predictionId = attempt.predictionId ?? `torn-${attemptId}`;
  const told: unknown[] = [];
  const torn = new Journal(batch.store, systemClock(), null, (said) => told.push(said));
  const crash = () =>
    torn.transact(() => {
      if (movesAttempt) torn.moveAttempt(attempt, attemptEvent, { predictionId });
      if (movesJob) torn.moveJob(job, event, { holdReason: 'uncertain' });
      throw new Error('the lights went out');
    });
  expect(crash).toThrow('the lights went out');
  expect(told).toEqual([]);
  batch.reopen();
}

function applyAttempt(id: string, from: AttemptState, event: AttemptEvent): AttemptState {
  const row = batch.store.db.select().from(attempts).where(eq(attempts.id, id)).get()!;
  const to = legal(ATTEMPT_TRANSITIONS, from, event);
  const patch = row.predictionId === null && to === 'accepted' ? { predictionId: `model-${id}` } : {};
  if (to === null) {
    expect(() => journal().moveAttempt(row, event, patch)).toThrow(IllegalTransitionError);
    return from;
  }
  expect(journal().moveAttempt(row, event, patch).state).toBe(to);
  return to as AttemptState;
}

function freshJob(round: number): number {
  const { id: _, ...template } = batch.store.db.select().from(jobs).all()[0]!;
  const row = { ...template, key: `model/${round}`, state: 'pending' as const, holdReason: null, output: null };
  return batch.store.db.insert(jobs).values(row).returning({ id: jobs.id }).get().id;
}

function freshAttempt(template: AttemptRow, jobId: number, round: number): AttemptRow {
  const laneId = batch.store.db.select({ id: lanes.id }).from(lanes).get()!.id;
  const open = { state: 'intended' as const, predictionId: null, repliedAt: null };
  return journal().intend({ ...template, ...open, id: `model-${round}`, jobId, laneId });
}

/** The last guard: a second open attempt for the same job is refused by the database itself. */
function closeOpen(jobId: number): void {
  const open = batch.store.db.select().from(attempts).where(eq(attempts.jobId, jobId)).all();
  const isOpen = open.some(({ state }) => state === 'intended' || state === 'accepted' || state === 'uncertain');
  if (!isOpen) return;
  const twin = { ...open[0]!, id: `${open[0]!.id}-twin`, state: 'intended' as const, predictionId: null };
  expect(() => journal().intend(twin)).toThrow(/UNIQUE/);
}
