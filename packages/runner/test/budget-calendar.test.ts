import { readFileSync } from 'node:fs';
import { type BudgetCap, calendarDay, type Plan } from '@localize/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { machineTimeZone } from '../src/store/clock/machine-time-zone.js';
import { capSpending } from '../src/store/money/spending.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { SkippingClock } from '../testing/skipping-clock.js';

/** Days and months are those of the calendar where the machine stands, whatever its clocks are put to meanwhile. */

let batch: BatchFixture;
const { TZ } = process.env;
const DAY_MS = 24 * 3_600_000;
beforeEach(async () => {
  batch = await batchFixture();
});
afterEach(async () => {
  standIn(TZ);
  await batch.close();
});

function standIn(zone: string | undefined): void {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
}

const capOf = (period: BudgetCap['period'], micros = 150_000): BudgetCap => ({
  name: `budget.${period}`,
  scope: { kind: 'all' },
  period,
  micros,
});

function planOf(languages: readonly string[], period: BudgetCap['period']): Plan {
  return batch.plan(languages, { budget: { caps: [capOf(period)], marginPercent: 0, confirmAboveMicros: 0 } });
}

describe('a run', () => {
  it.each([
    ['month', 'America/New_York', '2026-11-30T23:59:30-05:00', '2026-12-01T00:00:01-05:00'],
    ['month', 'Asia/Kathmandu', '2027-02-28T23:50:00+05:45', '2027-03-01T00:00:01+05:45'],
    ['day', 'UTC', '2026-12-31T23:59:30Z', '2027-01-01T00:00:00Z'],
    // Their clocks are put forward and back; the day has 23 and 25 hours.
    ['day', 'Europe/Berlin', '2026-03-29T23:30:00+02:00', '2026-03-30T00:00:01+02:00'],
    ['day', 'Europe/Berlin', '2026-10-25T23:30:00+01:00', '2026-10-26T00:00:01+01:00'],
    // It has no midnight: its first hour is left out.
    ['day', 'Africa/Cairo', '2026-04-23T23:59:30+02:00', '2026-04-24T01:00:00+03:00'],
  ] as const)('of the next %s in %s has the whole cap again', async (period, zone, late, next) => {
    standIn(zone);
    const plan = planOf(['de', 'fr', 'ja'], period);
    const runAt = (time: string) => batch.run({ clock: new SkippingClock(Date.parse(time)) }, plan);
    expect(await runAt(late)).toMatchObject({ why: 'budget', exit: 3 });
    expect(batch.scripted.starts).toHaveLength(1);
    expect((await runAt(late)).exit).toBe(3);
    expect(batch.scripted.starts).toHaveLength(1);
    expect((await runAt(next)).exit).toBe(3);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('of the hour that comes twice is still of the same day', async () => {
    standIn('Europe/Berlin');
    const plan = planOf(['de', 'fr'], 'day');
    const runAt = (time: string) => batch.run({ clock: new SkippingClock(Date.parse(time)) }, plan);
    await runAt('2026-10-25T00:00:01+02:00');
    await runAt('2026-10-25T02:30:00+02:00');
    await runAt('2026-10-25T02:30:00+01:00');
    await runAt('2026-10-25T23:59:00+01:00');
    expect(batch.scripted.starts).toHaveLength(1);
  });
});

describe('a wall clock that was wrong when the machine’s first run fixed the boot’s time', () => {
  /** As a run leaves it that began while the wall clock was a day behind. */
  const fixBootTime = (aheadMs: number) => {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const uptimeMs = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
    const offset = String(Math.round(Date.now() + aheadMs - uptimeMs));
    batch.store.sqlite.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(`boot ${boot}`, offset);
  };

  /** No midnight comes while the test runs. */
  const zoneAtNoon = () => {
    const behind = new Date().getUTCHours() - 12;
    return `Etc/GMT${behind < 0 ? behind : `+${behind}`}`;
  };

  it.each([-DAY_MS, DAY_MS])('leaves each purchase on the day of the calendar that it was made on', async (aheadMs) => {
    standIn(zoneAtNoon());
    const plan = planOf(['de', 'fr', 'ja'], 'day');
    fixBootTime(aheadMs);
    const startedAtMs = Date.now();
    expect(await batch.run({}, plan)).toMatchObject({ why: 'budget', exit: 3 });
    // As after a restart of the machine.
    fixBootTime(0);
    expect(await batch.run({}, plan)).toMatchObject({ why: 'budget', exit: 3 });
    expect(batch.scripted.starts).toHaveLength(1);
    const { jobs, runs } = batch.snapshot();
    const times = jobs.flatMap(({ attempts }) => attempts.flatMap((each) => [each.createdAtMs, each.endedAtMs ?? 0]));
    for (const atMs of [...times, ...runs.map((run) => run.startedAtMs)]) {
      expect(atMs).toBeGreaterThanOrEqual(startedAtMs - 1_000);
      expect(atMs).toBeLessThanOrEqual(Date.now() + 1_000);
    }
  });
});

describe('a cap of a day or a month', () => {
  it('counts what was bought on its own date, by the calendar of the place', async () => {
    await batch.run();
    const zones = [
      'UTC+3',
      'UTC',
      'Europe/Berlin',
      'America/Havana',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'Pacific/Apia',
    ];
    const move = batch.store.sqlite.prepare('UPDATE spending SET quarter = ?');
    const hours = fc.integer({ min: 0, max: 24 * 40 * 4 }).map((quarters) => quarters * 900_000);
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2027-01-01') }),
        hours,
        (zone, boughtMs, laterMs) => {
          standIn(zone);
          const nowMs = boughtMs + laterMs;
          move.run(Math.floor(boughtMs / 900_000));
          const spent = (period: BudgetCap['period']) =>
            capSpending(batch.store, capOf(period), { batchId: 0, runId: null, wallMs: nowMs }).billedMicros > 0;
          const timeZone = zone === 'UTC+3' ? 'Etc/GMT+3' : zone;
          const date = (ms: number) => new Intl.DateTimeFormat('sv', { timeZone }).format(ms);
          // What reports split by.
          expect(calendarDay(boughtMs, machineTimeZone())).toBe(date(boughtMs));
          expect(spent('day')).toBe(date(boughtMs) === date(nowMs));
          expect(spent('month')).toBe(date(boughtMs).slice(0, 7) === date(nowMs).slice(0, 7));
        },
      ),
      { numRuns: 300 },
    );
  });
});
