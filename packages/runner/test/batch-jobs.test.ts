import { JobList, type PlannedJob } from '@localize/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  BatchJobs,
  factsBeside,
  JobSpool,
  makeReported,
  openStore,
  PlanReplacedError,
  readReported,
  withSnapshot,
} from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';

let batch: BatchFixture;

beforeEach(async () => {
  batch = await batchFixture(['de', 'fr', 'ja']);
});

afterEach(() => batch.close());

describe('the jobs of a plan', () => {
  test('are the same from memory and from the state, in the plan’s order', async () => {
    const { plan, jobs, inMemory } = planned(['ja', 'de', 'fr']);
    const summary = jobs.summary;
    await batch.run({}, plan);
    expect(jobs.isInState).toBe(true);
    expect(plain(jobs)).toEqual(plain(inMemory));
    expect(jobs.summary).toEqual(summary);
    expect([...jobs.unfinished()]).toEqual([]);
  });

  test('need not be in memory for a run that goes on with them', async () => {
    const { plan, jobs } = planned(['de', 'fr']);
    await batch.run({ only: (key) => key.endsWith('/de') }, plan);
    const again = BatchJobs.inState({ path: batch.store.path, batch: plan.batch }, jobs.summary);
    const languages = (jobs: Iterable<PlannedJob>) => Array.from(jobs, ({ language }) => language);
    expect(languages(again.unfinished())).toEqual(['fr']);
    expect(languages(again.named(new Set(['keynote/fr', 'keynote/ja'])))).toEqual(['fr']);
    expect(languages(again.unfinished(new Set(['keynote/de', 'keynote/ja'])))).toEqual(['de', 'fr']);
    const { exit } = await batch.run({}, { ...plan, jobs: again });
    expect(exit).toBe(0);
    expect(batch.snapshot().jobs.map(({ state, attempts }) => [state, attempts.length])).toEqual([
      ['succeeded', 1],
      ['succeeded', 1],
    ]);
  });

  test('are read from a state that has just these, and from no other', async () => {
    const { plan, jobs } = planned(['de', 'fr']);
    await batch.run({}, plan);
    const state = { path: batch.store.path, batch: plan.batch };
    const [same, other] = [planned(['de', 'fr']), planned(['de', 'ja'])];
    for (const { jobs } of [same, other]) jobs.moveIfRegistered(state);
    expect([same, other].map(({ jobs }) => jobs.isInState)).toEqual([true, false]);
    expect(plain(same.jobs)).toEqual(plain(same.inMemory));
    expect(same.jobs.summary).toEqual(jobs.summary);
  });

  test('are never taken from a state that has another plan by now', async () => {
    const { plan, jobs } = planned(['de', 'fr']);
    await batch.run({}, plan);
    const stale = BatchJobs.inState({ path: batch.store.path, batch: plan.batch }, jobs.summary);
    await batch.run({}, batch.plan(['de']));
    await expect(batch.run({}, { ...plan, jobs: stale })).rejects.toBeInstanceOf(PlanReplacedError);
    expect(batch.snapshot().jobs.map(({ key, orphaned }) => [key.slice(-2), orphaned])).toEqual([
      ['de', false],
      ['fr', true],
    ]);
  });
});

describe('the jobs of a plan that are never in memory', () => {
  const priorities: [string, (index: number) => number][] = [
    ['the manifest', () => 3],
    ['their priorities', (index) => [0, -2, 7][index % 3] ?? 0],
  ];

  test.each(priorities)('come in the order of %s, as those in memory do, however often', (_what, priorityOf) => {
    const [spool, list] = [new JobSpool(), new JobList()];
    for (const job of batch.plan(Array.from({ length: 230 }, (_, index) => `x${index}`)).jobs) {
      for (const sink of [spool, list]) sink.add(job, priorityOf(job.position));
    }
    const [spooled, listed] = [spool.end(), list.end()];
    expect(plain(spooled)).toEqual(plain(listed));
    const [first] = spooled;
    expect(plain(spooled)).toEqual(plain(listed));
    expect(Array.from(spooled, ({ position }) => position)).toEqual(listed.map((_, index) => index));
    expect(plain(first ? [first] : [])).toEqual(plain(listed.slice(0, 1)));
    expect(BatchJobs.planned(spooled).summary).toEqual(BatchJobs.planned(listed).summary);
  });

  test('are registered like others, and the plan that they replace is compared with them', async () => {
    const spooled = (languages: readonly string[]) => {
      const whole = batch.plan(languages);
      const spool = new JobSpool();
      for (const job of whole.jobs) spool.add(job, 0);
      return { ...whole, jobs: BatchJobs.planned(spool.end()) };
    };
    const [first, second] = [spooled(['de', 'fr']), spooled(['ja', 'fr'])];
    await batch.run({}, first);
    expect(first.jobs.isInState).toBe(true);
    await batch.run({}, second);
    expect(batch.snapshot().jobs.map(({ key, state, orphaned }) => [key.slice(-2), state, orphaned])).toEqual([
      ['de', 'succeeded', true],
      ['ja', 'succeeded', false],
      ['fr', 'succeeded', false],
    ]);
    expect(batch.scripted.starts.length).toBe(3);
  });
});

describe('a snapshot of more jobs than are read together', () => {
  test('has all of them in their order, as often as it is gone through, from one moment of the state', async () => {
    const tags = Array.from({ length: 230 }, (_, index) => `x${index}`).reverse();
    await batch.run({ only: () => false }, batch.plan(tags));
    const other = openStore(batch.store.path);
    const about = { batch: 'spring', manifest: 'spring.yaml', emulated: false, nowMs: 0 };
    const seen = withSnapshot(batch.store, about, (snapshot) => {
      const look = () => Array.from(snapshot?.jobs ?? [], ({ language, state }) => `${language} ${state}`);
      const before = look();
      other.sqlite.exec(`UPDATE jobs SET state = 'canceled'`);
      return [before, look()];
    });
    other.close();
    const pending = tags.map((tag) => `${tag} pending`);
    expect(seen).toEqual([pending, pending]);
    expect(batch.snapshot().jobs.every(({ state }) => state === 'canceled')).toBe(true);
  });
});

describe('what reports were made of', () => {
  const changes: [string, string][] = [
    ['a job', `UPDATE jobs SET edited = 1 WHERE key LIKE '%/de'`],
    ['an attempt', 'UPDATE attempts SET billed_micros = 5'],
    ['a mark', `INSERT INTO marks SELECT id, 'ab', 'ann', 'approve', NULL, '', 0 FROM jobs LIMIT 1`],
    ['a delivery', `INSERT INTO deliveries SELECT id, 's3', NULL, NULL, 'no' FROM jobs LIMIT 1`],
  ];

  test.each(changes)('is forgotten when %s changes', async (_what, sql) => {
    await batch.run();
    makeReported(batch.store, 'spring', () => 'made');
    expect(readReported(batch.store, 'spring')).toBe('made');
    await batch.run();
    expect(readReported(batch.store, 'spring')).toBe('made');
    batch.store.sqlite.exec(sql);
    expect(readReported(batch.store, 'spring')).toBeNull();
  });

  test('is kept while a lost create is looked for', async () => {
    batch.scripted.nextStarts.push('uncertain');
    await batch.run({}, batch.plan(['de']));
    const facts = factsBeside(batch.store, 'spring');
    const look = () => batch.store.sqlite.prepare('SELECT searches FROM attempts').pluck().get() as number;
    const looks = look();
    makeReported(batch.store, 'spring', () => 'made');
    await batch.run({}, batch.plan(['de']));
    expect(look()).toBeGreaterThan(looks);
    expect(readReported(batch.store, 'spring')).toBe('made');
    expect(factsBeside(batch.store, 'spring')).toBe(facts);
    // What the list shows by then is part of the command that settles it.
    const candidate = { predictionId: 'p-1', reference: {}, createdAtMs: 0, isTimely: true, status: 'done' };
    batch.scripted.found.result = { state: 'listed', candidates: [{ ...candidate, inputs: 'unknown' as const }] };
    await batch.run({}, batch.plan(['de']));
    expect(factsBeside(batch.store, 'spring')).not.toBe(facts);
  });

  test.each(['jobs', 'attempts'])(
    'is forgotten when a number or a word of %s changes that a snapshot shows',
    async (table) => {
      await batch.run();
      const { sqlite } = batch.store;
      const columns = sqlite.pragma(`table_info(${table})`) as { name: string; type: string }[];
      const shown = () => JSON.stringify({ ...batch.snapshot(), takenAtMs: 0 });
      const kept: string[] = [];
      for (const { name, type } of columns.filter((column) => !KEYS.includes(column.name))) {
        makeReported(batch.store, 'spring', () => 'made');
        const before = shown();
        sqlite.exec('SAVEPOINT changed');
        sqlite.exec(
          `UPDATE ${table} SET ${name} = ${type === 'INTEGER' ? `1 - coalesce(${name}, 0)` : `${name} || ' '`}`,
        );
        const isShown = shown() !== before;
        if (readReported(batch.store, 'spring') !== null) kept.push(`${name}${isShown ? ' is shown' : ''}`);
        sqlite.exec('ROLLBACK TO changed; RELEASE changed');
      }
      expect(kept.filter((name) => name.endsWith('shown'))).toEqual([]);
      expect(kept).toEqual(
        expect.arrayContaining(table === 'jobs' ? ['ready_at'] : ['poll_at', 'searches', 'search_at']),
      );
    },
  );

  test('is not written down when something changes while they are made', async () => {
    await batch.run();
    makeReported(batch.store, 'spring', () => {
      expect(readReported(batch.store, 'spring')).toBeNull();
      batch.store.sqlite.exec(changes[0]?.[1] ?? '');
      return 'made';
    });
    expect(readReported(batch.store, 'spring')).toBeNull();
  });
});

/** What joins rows to others, and what must stay one of a few words. */
const KEYS = ['id', 'job_id', 'batch_id', 'lane_id', 'attempt_id', 'state', 'cost_source', 'hold_reason'];

function planned(languages: readonly string[]) {
  const whole = batch.plan(languages);
  const jobs = BatchJobs.planned(whole.jobs);
  return { plan: { ...whole, jobs }, jobs, inMemory: whole.jobs };
}

function plain(jobs: Iterable<PlannedJob>): unknown {
  return JSON.parse(JSON.stringify([...jobs]));
}
