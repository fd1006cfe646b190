import { ATTEMPT_STATES, type AttemptSnapshot, costTotals, type JobSnapshot, parseUsd } from '@localize/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ReportJson, renderCsvAttempts, renderJson } from '../src/index.js';
import { attemptMoney } from '../src/view-model/attempt-money.js';
import { budgetLines } from '../src/view-model/budget-lines.js';
import { costGroups, costRows } from '../src/view-model/cost-groups.js';
import { addLength, costPerMinute } from '../src/view-model/cost-per-minute.js';
import { formatNeeded } from '../src/view-model/format.js';
import { type MoneyFigures, moneyFigures } from '../src/view-model/money-figures.js';
import { billedText, estimatedText, moneyLines } from '../src/view-model/money-lines.js';
import { buildReportView } from '../src/view-model/report-view.js';
import { routeSpreadRows } from '../src/view-model/route-spread.js';
import { stateCounts, stateGroup } from '../src/view-model/state-counts.js';
import { attempt, job, snapshot, T0, unfinished } from './fixture.js';
import { troubledSnapshot } from './troubled.js';

const micros = fc.option(fc.integer({ min: 0, max: 5_000_000 }), { nil: null });
const anyAttempt = fc
  .record({
    state: fc.constantFrom(...ATTEMPT_STATES),
    billedMicros: micros,
    estimateMicros: micros,
    quotedMicros: micros,
    route: fc.constantFrom('a/x', 'a/y', 'b/x'),
    createdAtMs: fc.integer({ min: T0, max: T0 + 5 * 86_400_000 }),
  })
  .map((over) => attempt(over));
const anyJobs = fc.array(
  fc
    .record({
      language: fc.constantFrom('de', 'fr'),
      orphaned: fc.boolean(),
      state: fc.constantFrom('succeeded', 'failed', 'held', 'pending'),
      estimateMicros: micros,
      attempts: fc.array(anyAttempt, { maxLength: 4 }),
    })
    .map((over) => job(over)),
  { maxLength: 12 },
);

const viewOf = (money: MoneyFigures, overMicros: number | null = null, estimatedMicros = money.estimatedMicros) => ({
  money,
  perFinishedMinute: null,
  finished: { estimatedMicros, overMicros, remadeMicros: 0, takenVideos: 0 },
});

describe('money', () => {
  const classOf = (over: Partial<AttemptSnapshot>) => attemptMoney(attempt(over)).class;

  test('falls in exactly one class for each end of an attempt', () => {
    expect(classOf({})).toBe('billed');
    expect(classOf({ state: 'failed', billedMicros: 0 })).toBe('not-charged');
    expect(classOf({ state: 'failed', billedMicros: 5 })).toBe('charged-but-failed');
    expect(classOf({ state: 'failed', billedMicros: null })).toBe('at-risk');
    expect(classOf({ state: 'refused', billedMicros: null })).toBe('not-charged');
    expect(classOf({ state: 'lost' })).toBe('lost');
    expect(classOf({ state: 'lost', billedMicros: null })).toBe('unpriced');
    expect(classOf({ state: 'uncertain', billedMicros: null })).toBe('at-risk');
    expect(classOf({ state: 'abandoned', billedMicros: null })).toBe('at-risk');
    expect(classOf({ state: 'uncertain', billedMicros: null, estimateMicros: null })).toBe('unpriced');
    expect(classOf({ state: 'intended', billedMicros: null })).toBe('in-flight');
    expect(classOf({ state: 'accepted', billedMicros: null })).toBe('in-flight');
  });

  test('reserves what the provider quoted, where it did', () => {
    const quoted = attempt({ state: 'accepted', billedMicros: null, quotedMicros: 170_000 });
    expect(attemptMoney(quoted)).toMatchObject({ class: 'in-flight', micros: 170_000 });
  });

  test('agrees with the totals that the status command prints', () => {
    fc.assert(
      fc.property(anyJobs, (jobs) => {
        const ours = moneyFigures(jobs);
        const theirs = costTotals(jobs);
        expect(ours).toMatchObject(theirs);
      }),
    );
  });

  test('is the same whichever way it is split', () => {
    fc.assert(
      fc.property(anyJobs, (jobs) => {
        const whole = moneyFigures(jobs);
        const { labels, day, ...groups } = costGroups(jobs, 'Asia/Kathmandu');
        const splits = { ...groups, video: [...groups.video] };
        const { provider, route, language, video } = splits;
        for (const [by, rows] of Object.entries(splits))
          expect(costRows(jobs, by as keyof typeof splits)).toEqual(rows);
        expect(costRows(jobs, { daysIn: 'Asia/Kathmandu' })).toEqual(day);
        for (const [label, rows] of Object.entries(labels)) expect(costRows(jobs, { label })).toEqual(rows);
        for (const rows of [provider, route, language, video, day]) {
          for (const figure of ['billedMicros', 'atRiskMicros', 'inFlightMicros', 'unpricedAttempts'] as const) {
            expect(rows.reduce((sum, row) => sum + row.money[figure], 0)).toBe(whole[figure]);
          }
        }
        for (const rows of [provider, route, language, video]) {
          expect(rows.reduce((sum, row) => sum + row.money.estimatedMicros, 0)).toBe(whole.estimatedMicros);
        }
      }),
    );
  });

  test('falls on the days of the machine’s calendar, as the caps count them', () => {
    const lateAt = Date.parse('2026-03-13T23:30:00Z');
    const jobs = [job({ attempts: [attempt({ createdAtMs: lateAt })] })];
    const days = (timeZone: string) => {
      const { time_zone, cost_by } = JSON.parse(renderJson(snapshot({ jobs, timeZone }))) as ReportJson;
      expect(renderCsvAttempts(snapshot({ jobs, timeZone }))).toContain(`,${cost_by.day[0]?.name}`);
      return [time_zone, ...cost_by.day.map(({ name }) => name)];
    };
    expect(days('UTC')).toEqual(['UTC', '2026-03-13']);
    expect(days('Europe/Berlin')).toEqual(['Europe/Berlin', '2026-03-14']);
    expect(days('Etc/GMT+1')).toEqual(['Etc/GMT+1', '2026-03-13']);
  });

  test('of a job that moved to another route counts where it was spent, and the job where it is', () => {
    const moved = job({
      route: 'wavespeed/infinitetalk',
      attempts: [attempt({ createdAtMs: T0 - 86_400_000 }), attempt({ route: 'wavespeed/infinitetalk' })],
    });
    const stayed = job({ language: 'fr' });
    const done = (by: 'route' | { daysIn: string }) =>
      costRows([moved, stayed], by).map(({ name, finishedJobs, jobs, money }) => [
        name,
        finishedJobs,
        jobs,
        money.attempts,
      ]);
    expect(done('route')).toEqual([
      ['eachlabs/infinitalk', 1, 1, 2],
      ['wavespeed/infinitetalk', 1, 1, 1],
    ]);
    expect(done({ daysIn: 'UTC' })).toEqual([
      ['2026-03-13', 0, 0, 1],
      ['2026-03-14', 2, 2, 2],
    ]);
    const again = snapshot({ jobs: [moved, stayed] });
    const { note } = moneyLines(buildReportView(again)).find(({ id }) => id === 'estimated') ?? {};
    expect(note).toBe('it cost $0.05 more, with $0.15 for videos made again, as was agreed');
  });

  test('shows what is unknown as unknown and never as zero', () => {
    const unknown = moneyFigures([job({ estimateMicros: null, attempts: [attempt({ billedMicros: null })] })]);
    expect(billedText(unknown)).toBe('unknown');
    expect(estimatedText(unknown)).toBe('unknown');
    const partly = moneyFigures([job(), job({ attempts: [attempt({ billedMicros: null })] })]);
    expect(billedText(partly)).toBe('at least $0.15');
    expect(moneyLines(viewOf(partly)).find(({ id }) => id === 'unpriced')?.note).toContain('1 attempt');
  });

  test('says whose word a bill is', () => {
    const noteOf = (...billed: AttemptSnapshot[]) =>
      moneyLines(viewOf(moneyFigures(billed.map((each) => job({ attempts: [each] }))))).find(
        ({ id }) => id === 'billed',
      )?.note;
    const [stated, reckoned] = [attempt({ costSource: 'provider' }), attempt({ costSource: 'price' })];
    expect(noteOf(stated)).toBeNull();
    expect(noteOf(reckoned)).toBe('by the price list');
    expect(noteOf(reckoned, stated)).toBe('$0.15 of it by the price list, the rest by the provider’s word');
  });

  test('sets what is finished against its estimate', () => {
    const noteOf = (jobs: JobSnapshot[]) =>
      moneyLines(buildReportView(snapshot({ jobs }))).find(({ id }) => id === 'estimated')?.note;
    const costing = (billedMicros: number) => job({ attempts: [attempt({ billedMicros })] });
    expect(noteOf([costing(150_000)])).toBe('it cost $0.05 less');
    expect(noteOf([costing(1_700_000)])).toBe('it cost $1.50 more');
    expect(noteOf([costing(200_000)])).toBe('it cost just that');
    // The estimate above it is of all jobs: the failed one's is no part of the comparison.
    const failed = unfinished({ state: 'failed', attempts: [attempt({ state: 'failed', billedMicros: 80_000 })] });
    expect(noteOf([costing(200_000), failed])).toBe('$0.20 of it for what is finished, which cost just that');
    expect(noteOf([costing(150_000), failed])).toBe('$0.20 of it for what is finished, which cost $0.05 less');
    expect(noteOf([job({ attempts: [attempt({ billedMicros: null })] })])).toBeNull();
  });

  test('splits a failover between the routes that it was spent on', () => {
    const moved = job({
      route: 'b/x',
      attempts: [
        attempt({ route: 'a/x', state: 'failed', billedMicros: 80_000 }),
        attempt({ route: 'b/x', billedMicros: 100_000 }),
      ],
    });
    const { route } = costGroups([moved], 'UTC');
    expect(route.map(({ name, money, finishedJobs }) => [name, money.billedMicros, finishedJobs])).toEqual([
      ['b/x', 100_000, 1],
      ['a/x', 80_000, 0],
    ]);
  });

  test('gives the cost of a finished minute, failures included', () => {
    const jobs = [job(), unfinished({ attempts: [attempt({ state: 'failed', billedMicros: 50_000 })] })];
    expect(costPerMinute(moneyFigures(jobs), 30_000)).toEqual({ micros: 400_000, atLeast: false });
    expect(costPerMinute(moneyFigures(jobs), 0)).toBeNull();
    expect(costPerMinute(moneyFigures(jobs), addLength(30_000, job({ outputDurationMs: null })))).toBeNull();
  });
});

describe('by how much a cap must be raised', () => {
  test('is never shown as less than it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 10 }), (micros) => {
        const shown = parseUsd(formatNeeded(micros).replace(/[$,]/g, ''));
        expect(shown).toBeGreaterThanOrEqual(micros);
        expect(shown - micros).toBeLessThan(10_000);
      }),
    );
    expect(formatNeeded(2_124_000)).toBe('$2.13');
  });
});

describe('job states', () => {
  test('are counted as the totals count them', () => {
    const given = troubledSnapshot();
    const { jobs } = given;
    for (const { state, count } of stateCounts(buildReportView(given))) {
      expect(jobs.filter((each) => stateGroup(each) === state)).toHaveLength(count);
    }
  });
});

describe('the same work on other routes', () => {
  const elsewhere = (route: string, estimateMicros: number | null) => ({ route, estimateMicros });

  test('is compared job by job, where both prices are known', () => {
    const here = elsewhere('eachlabs/infinitalk', 200_000);
    const jobs = [
      job({ alternatives: [here, elsewhere('fal/infinitalk', 500_000), elsewhere('vibedream/x', null)] }),
      job({ language: 'fr', alternatives: [here, elsewhere('fal/infinitalk', 100_000)] }),
      job({ language: 'ja' }),
      job({ language: 'pl', orphaned: true, alternatives: [here, elsewhere('fal/infinitalk', 1)] }),
    ];
    expect(routeSpreadRows(jobs)).toEqual([
      { route: 'fal/infinitalk', jobs: '2', there: '$0.60', here: '$0.40', difference: '$0.20 more' },
    ]);
  });
});

test('says of what was not charged how much is known of it', () => {
  const refused = (estimateMicros: number | null) => attempt({ state: 'refused', billedMicros: null, estimateMicros });
  const amountOf = (attempts: AttemptSnapshot[]) =>
    moneyLines(buildReportView(snapshot({ jobs: [job({ attempts })] }))).find(({ id }) => id === 'not-charged')?.amount;
  expect(amountOf([refused(150_000)])).toBe('$0.15');
  expect(amountOf([refused(150_000), refused(null)])).toBe('at least $0.15');
  expect(amountOf([refused(null)])).toBe('unknown');
});

test('names the margin in what a budget keeps reserved, so that its figures add up', () => {
  const spent = { billedMicros: 10_680_000, inFlightMicros: 0, atRiskMicros: 1_450_000, spentMicros: 12_130_000 };
  const cap = { name: 'budget.max_usd', scope: { kind: 'all' }, period: 'batch', micros: 20_000_000 } as const;
  const [line] = budgetLines({
    budget: [{ ...cap, ...spent, leftMicros: 7_870_000, waitingJobs: 0, unpricedAttempts: 0, shortMicros: 0 }],
  });
  expect(line?.left).toBe('$7.87');
  expect(line?.parts).toBe('$10.68 billed, $1.45 reserved for what is in flight or at risk, with the budget’s margin');
});
