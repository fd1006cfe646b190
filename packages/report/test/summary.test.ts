import { type CapSnapshot, costTotals, HOLD_REASONS, openMoneyWords } from '@localize/core';
import { describe, expect, test } from 'vitest';
import { renderMarkdown, renderSummary } from '../src/index.js';
import { formatMoney } from '../src/view-model/format.js';
import { buildReportView } from '../src/view-model/report-view.js';
import { stakeWords } from '../src/view-model/stakes.js';
import { attempt, job, lane, snapshot, unfinished } from './fixture.js';
import { hostileSnapshot } from './hostile.js';
import { troubledSnapshot } from './troubled.js';

const PLAIN = { color: false, width: 80 };

describe('the summary at the end of a run', () => {
  test('of a closed lane says what its provider said, and ends the sentence once', () => {
    const closed = snapshot({ lanes: [lane({ closed: 'Insufficient credits. Please top up.' })] });
    expect(buildReportView(closed).attention.closedLanes[0]?.reason).toBe('Insufficient credits. Please top up');
  });

  test('reads well when all is done', () => {
    expect(renderSummary(snapshot(), PLAIN)).toMatchInlineSnapshot(`
      "spring: The video is done.
        1 succeeded · 0 failed · 0 held · 0 waiting
        The last run (2026-03-14 09:26 UTC) took 10 min 00 s: 1 attempt made, 1 video
        fetched, $0.15 billed; nothing left to do.

      Money
        Billed             $0.15
        Estimated          $0.20  it cost $0.05 less
        A finished minute  $0.30  all that was billed over what came out

      By route
        eachlabs/infinitalk  1 of 1 done  $0.15  $0.30 a minute

      Files: localized/spring/keynote
      "
    `);
  });

  test('cuts no note short, however narrow the terminal', () => {
    const text = renderSummary(troubledSnapshot(), { color: false, width: 60 });
    expect(text).not.toContain('…');
    expect(text.replaceAll(/\s+/g, ' ')).toContain('of it by the price list, the rest by the provider’s word');
  });

  test('shows the budget and what waits for it', () => {
    const text = renderSummary(troubledSnapshot(), PLAIN);
    expect(text).toMatch(/Budget\n +budget\.max_usd +\$2\.39 of \$2\.50 +1 job waits for it: \$0\.09 short/);
    expect(text).toContain('Raise budget.max_usd by $0.09, then: localize manifest.yaml');
  });

  test('names --yes where only a yes lets jobs be bought, and how many jobs an amount is for', () => {
    const unasked = 'the limit without --yes';
    const waits = (videoId: string, caps: string[]) =>
      unfinished({ videoId, state: 'pending', waitsForMoney: { neededMicros: 150_000, caps } });
    const capOf = (name: string, waitingJobs: number) => ({
      ...{ name, scope: { kind: 'all' }, period: 'run', micros: 0, waitingJobs, shortMicros: 150_000 * waitingJobs },
      ...{ billedMicros: 0, inFlightMicros: 0, atRiskMicros: 0, spentMicros: 0, leftMicros: 0 },
    });
    const budget = [capOf(unasked, 2), capOf('budget.max_usd', 2)] as CapSnapshot[];
    const jobs = [waits('a', [unasked]), waits('b', [unasked, 'budget.max_usd']), waits('c', ['budget.max_usd'])];
    const text = renderSummary(snapshot({ jobs, budget }), PLAIN);
    expect(text).toMatch(/a\/de\n.*\n +localize manifest\.yaml --yes\n/);
    expect(text).toContain('Raise budget.max_usd by $0.30 for its 2 jobs, then: localize manifest.yaml --yes\n');
    expect(text).toContain('Raise budget.max_usd by $0.30 for its 2 jobs, then: localize manifest.yaml\n');
  });

  test('says that waiting helps too where a cap counts anew', () => {
    const waitsForMoney = { neededMicros: 150_000, caps: ['budget.per_month_usd'], until: 'month' as const };
    const jobs = [unfinished({ videoId: 'a', state: 'pending', waitsForMoney })];
    expect(renderSummary(snapshot({ jobs }), { ...PLAIN, width: 200 })).toContain(
      'Raise budget.per_month_usd, or wait for the first of next month, then: localize manifest.yaml\n',
    );
  });

  test('sums the money of each label', () => {
    const labelled = (value: string, billedMicros: number) =>
      job({ videoId: value, labels: { course: value }, attempts: [attempt({ billedMicros })] });
    const jobs = [labelled('sales', 150_000), labelled('safety', 450_000)];
    const text = renderSummary(snapshot({ jobs }), PLAIN);
    expect(text).toMatch(/By label course\n +safety +1 of 1 done +\$0\.45.*\n +sales +1 of 1 done +\$0\.15/);
    const free = job({ videoId: 'hr', labels: { course: 'hr' }, state: 'succeeded', attempts: [] });
    expect(renderSummary(snapshot({ jobs: [...jobs, free] }), PLAIN)).toMatch(
      /By label course\n.*\n.*\n +hr +1 of 1 done +\$0\.00/,
    );
    const many = Array.from({ length: 13 }, (_, index) => labelled(`course-${index}`, 150_000 + index));
    expect(renderSummary(snapshot({ jobs: many }), PLAIN)).toContain('and 3 more, all in the report');
  });

  test('says of money that only removed jobs have cost that it is theirs', () => {
    const removed = job({ orphaned: true, labels: { dept: 'hr' }, attempts: [attempt({ billedMicros: 240_000 })] });
    expect(renderSummary(snapshot({ jobs: [removed] }), PLAIN)).toMatch(/By label dept\n +hr +removed jobs +\$0\.24/);
  });

  test('names no route that all jobs have left without having cost anything there', () => {
    const refused = attempt({ route: 'wavespeed/infinitetalk', state: 'refused', billedMicros: 0 });
    const moved = job({ attempts: [refused, attempt({ billedMicros: 150_000 })] });
    const text = renderSummary(snapshot({ jobs: [moved] }), PLAIN);
    expect(text).toMatch(/By route\n +eachlabs\/infinitalk +1 of 1 done +\$0\.15.*\n\n/);
    const failed = attempt({ route: 'wavespeed/infinitetalk', state: 'failed', billedMicros: 60_000 });
    expect(renderSummary(snapshot({ jobs: [job({ attempts: [failed, attempt({})] })] }), PLAIN)).toMatch(
      /wavespeed\/infinitetalk +moved or removed jobs +\$0\.06/,
    );
  });

  test('says that prices are simulated', () => {
    const text = renderSummary(snapshot({ emulated: true }), PLAIN);
    expect(text).toContain('Prices are simulated');
    expect(text).toContain('Money (simulated)');
  });

  test('says of each stopped job what hangs on it: what was lost, and no bill of an earlier video', () => {
    const lost = unfinished({
      state: 'held',
      holdReason: 'lost',
      attempts: [attempt({ state: 'failed' }), attempt({ state: 'lost', billedMicros: 160_000 })],
    });
    const waitsForMoney = { neededMicros: 972_000, caps: ['budget.max_usd'] };
    const waiting = job({ language: 'fr', state: 'pending', waitsForMoney });
    const groups = buildReportView(snapshot({ jobs: [lost, waiting] })).attention.groups;
    expect(Object.fromEntries(groups.map((group) => [group.state, stakeWords(group)]))).toEqual({
      held: ['$0.16 lost'],
      waiting: [],
    });
  });

  test('says of each held job its own amount, once', () => {
    const held = (language: string, micros: number) => {
      const lost = attempt({ state: 'uncertain', estimateMicros: micros, billedMicros: null, endedAtMs: null });
      const reason = `${HOLD_REASONS.uncertain.words}: the connection was closed${openMoneyWords([lost])}`;
      return unfinished({ language, state: 'held', holdReason: 'uncertain', reason, attempts: [lost] });
    };
    const given = snapshot({ jobs: [held('de', 150_000), held('fr', 250_000)] });
    const [group] = buildReportView(given).attention.forNextRun;
    expect(group?.items.map(({ detail }) => detail)).toEqual([
      'the connection was closed',
      'the connection was closed',
    ]);
    const text = renderSummary(given, { ...PLAIN, width: 400 });
    expect(text).toMatch(/^ {2}2 jobs held: .* \(\$0\.40 at risk\)$/m);
    expect(text).toMatch(/^ {4}keynote\/de \(\$0\.15 at risk\)\n +the connection was closed$/m);
    expect(text).toMatch(/^ {4}keynote\/fr \(\$0\.25 at risk\)$/m);
  });

  test('says of a job that the provider still works on what is reserved for it', () => {
    const slow = attempt({ state: 'accepted', billedMicros: null, endedAtMs: null });
    const timedOut = unfinished({ state: 'held', holdReason: 'timed-out', attempts: [slow] });
    expect(buildReportView(snapshot({ jobs: [timedOut] })).attention.forNextRun.map(stakeWords)).toEqual([
      ['$0.20 in flight'],
    ]);
  });

  test('says what reviewers said, and where they disagree', () => {
    const mark = (verdict: 'approve' | 'redo', reviewer: string) =>
      ({ reviewer, verdict, route: null, note: '', atMs: 0 }) as const;
    const redo = { route: null, seed: 7, waits: true, estimateMicros: 310_000 };
    const jobs = [
      job({ marks: [mark('approve', 'Ana')] }),
      job({ language: 'fr', marks: [mark('approve', 'Ana'), mark('redo', 'Ben')] }),
      job({ language: 'ja', marks: [mark('redo', 'Ben')], redo }),
    ];
    const reviews = 'Imported reviews: 1 approved, 1 to be made again, 1 where the reviewers disagree';
    const command = 'localize review --withdraw keynote/fr -m manifest.yaml';
    const text = renderSummary(snapshot({ jobs }), { ...PLAIN, width: 200 });
    expect(text).toContain(`Reviews\n  ${reviews}\n  1 video waits to be made again, for about $0.31:\n`);
    expect(text).toMatch(
      new RegExp(`Needs a person\n  The reviewers of one video disagree.*\n.*keynote/fr\n +${command}\n`),
    );
    const markdown = renderMarkdown(snapshot({ jobs }));
    expect(markdown).toContain(`${reviews}.\n`);
    expect(markdown).toContain(`\`${command}\``);
  });

  test('tells money at risk, in flight, lost and unknown apart', () => {
    const text = renderSummary(troubledSnapshot(), PLAIN);
    const { atRiskMicros, billedMicros } = costTotals(troubledSnapshot().jobs);
    expect(text).toMatch(new RegExp(`At risk +\\${formatMoney(atRiskMicros)}`));
    expect(text).toMatch(/In flight +\$0\.40/);
    expect(text).toMatch(/Charged but failed +\$0\.08/);
    expect(text).toMatch(/Charged and lost +\$0\.15/);
    expect(text).toMatch(/Unknown +unknown +1 attempt/);
    expect(text).toMatch(new RegExp(`Billed +at least \\${formatMoney(billedMicros)}`));
  });

  test('gives each job that needs a person its command, unbroken', () => {
    const text = renderSummary(troubledSnapshot(), { color: false, width: 40 });
    expect(text).toMatch(/^ +localize retry manifest\.yaml --only failures\/rejected-content$/m);
  });

  test('gives those of one reason one command too, whole', () => {
    const lost = (language: string) =>
      unfinished({
        language,
        state: 'held',
        holdReason: 'lost',
        mend: `localize retry m.yaml --only keynote/${language}`,
      });
    const text = renderSummary(snapshot({ jobs: ['de', 'fr', 'pt-BR'].map(lost) }), { color: false, width: 40 });
    expect(text).toMatch(
      /^ +All [0-9]+ at once:\n +localize retry m\.yaml --only keynote\/de,keynote\/fr,keynote\/pt-BR$/m,
    );
  });

  test('says nothing of money that nobody knows as if it were nothing', () => {
    const text = renderSummary(snapshot({ jobs: [job({ attempts: [attempt({ billedMicros: null })] })] }), PLAIN);
    expect(text).toMatch(/Billed +unknown/);
  });

  test('has colours only when asked', () => {
    expect(renderSummary(troubledSnapshot(), PLAIN)).not.toContain('\u001b');
    expect(renderSummary(troubledSnapshot(), { color: true, width: 80 })).toContain('\u001b[31m');
  });

  test('lets no control character of others through', () => {
    const lines = renderSummary(hostileSnapshot(), PLAIN).split('\n');
    for (const line of lines) expect(line).not.toMatch(/\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u);
  });
});
