import { expect, test } from 'vitest';
import { timeTicks } from '../app/charts/time-axis.js';
import { renderCsvAttempts, renderJson, renderMarkdown, renderSummary } from '../src/index.js';
import { costChoices, formatTime, zoneWords } from '../src/view-model/index.js';
import { describeInBrowser, textOf } from './browser.js';
import { attempt, job, run, snapshot, T0 } from './fixture.js';

test.each([
  ['2026-01-10T23:30:00Z', 'Europe/Berlin', '2026-01-11 00:30 UTC+1'],
  ['2026-07-10T23:30:00Z', 'Europe/Berlin', '2026-07-11 01:30 UTC+2'],
  ['2026-03-29T01:00:00Z', 'Europe/Berlin', '2026-03-29 03:00 UTC+2'],
  ['2026-07-10T01:00:00Z', 'America/St_Johns', '2026-07-09 22:30 UTC-2:30'],
  ['2026-07-10T12:00:00Z', 'Asia/Kathmandu', '2026-07-10 17:45 UTC+5:45'],
  ['2026-07-10T12:00:00Z', 'UTC', '2026-07-10 12:00 UTC'],
])('%s is shown by the clocks of %s', (moment, timeZone, text) => {
  expect(formatTime(Date.parse(moment), timeZone)).toBe(text);
});

test('a zone that is no place’s is called by its clocks, and not by a sign the other way round', () => {
  expect(formatTime(T0, 'Etc/GMT+3')).toBe('2026-03-14 06:26 UTC-3');
  expect(zoneWords('Etc/GMT+3')).toBe('Times and days are those of UTC-3');
  expect(costChoices([], 'Etc/GMT+3').at(-1)?.name).toBe('Day (UTC-3)');
});

test('an axis has the round hours of the place, not of UTC', () => {
  const fromMs = Date.parse('2026-07-10T12:00:00Z');
  const ticks = timeTicks({ fromMs, toMs: fromMs + 3 * 3_600_000 }, 'Asia/Kathmandu', 3);
  expect(ticks.map(({ label }) => label)).toEqual(['18:00', '19:00', '20:00']);
  expect(ticks.map(({ at }) => Math.round(at * 180))).toEqual([15, 75, 135]);
});

/** A night in New York, of which UTC has the next day. */
const startedAtMs = Date.parse('2026-07-10T02:00:00Z');
const made = { createdAtMs: startedAtMs, endedAtMs: startedAtMs + 60_000 };
const night = snapshot({
  timeZone: 'America/New_York',
  takenAtMs: startedAtMs + 120_000,
  runs: [run({ startedAtMs, endedAtMs: startedAtMs + 90_000 })],
  jobs: [job({ attempts: [attempt(made)] })],
});
const STARTED = '2026-07-09 22:00 UTC-4';
const WORDS = 'Times and days are those of America/New_York.';

test('words are by the clocks of the place, and files for programs in UTC', () => {
  expect(renderSummary(night, { color: false, width: 200 })).toContain(`The last run (${STARTED})`);
  const markdown = renderMarkdown(night);
  expect(markdown).toContain(`The last run (${STARTED})`);
  expect(markdown).toContain(`as of 2026-07-09 22:02 UTC-4. ${WORDS.replace('America/New_York', '`$&`')}`);
  const report = JSON.parse(renderJson(night));
  expect(report).toMatchObject({ time_zone: 'America/New_York', taken_at: '2026-07-10T02:02:00.000Z' });
  expect(report.cost_by.day).toMatchObject([{ name: '2026-07-09' }]);
  expect(renderCsvAttempts(night)).toContain('2026-07-10T02:00:00.000Z');
});

describeInBrowser('the page', (browser) => {
  test('shows times and days of one place, and says of which', async () => {
    const { page } = await browser.open(night);
    expect(await textOf(page, '.page-title')).toContain(`as of 2026-07-09 22:02 UTC-4. ${WORDS}`);
    expect(await textOf(page, '.glance .last-run')).toContain(STARTED);
    await page.locator('.lane').first().waitFor();
    expect(await textOf(page, '.timeline-facts')).toContain(
      '2026-07-09 22:00:00 UTC-4 to 2026-07-09 22:01:30 UTC-4, 1 min 30 s. Nothing',
    );
    expect(await textOf(page, '.time-grid .time-zone')).toBe('UTC-4');
    expect(await page.locator('.time-grid').first().textContent()).toMatch(/22:00:\d\d/);
    await page.getByRole('button', { name: /^Day/ }).click();
    expect(await textOf(page, '#cost tbody th')).toBe('2026-07-09');
    await page.locator('#videos .cell').first().click();
    expect(await textOf(page, 'dialog')).toContain(STARTED);
  });
});
