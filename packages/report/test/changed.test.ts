import type { CapSnapshot, JobSnapshot, MarkSnapshot, Snapshot } from '@localize/core';
import { expect, test } from 'vitest';
import { buildReportView, renderJson, renderMarkdown, renderSummary } from '../src/index.js';
import { describeInBrowser, textOf } from './browser.js';
import { job, snapshot, T0 } from './fixture.js';
import { troubledSnapshot } from './troubled.js';

const approval: MarkSnapshot = { reviewer: 'Ana', verdict: 'approve', route: null, note: '', atMs: T0 };

function edited(over: Partial<JobSnapshot>, estimateMicros: number | null = 200_000): JobSnapshot {
  return job({ ...over, changed: { fields: ['prompt'], estimateMicros } });
}

/** Two that differ, one of them for an unknown price, and one that was approved. */
const differing = snapshot({
  jobs: [
    edited({ language: 'de' }),
    edited({ language: 'fr' }, null),
    edited({ language: 'ja', marks: [approval] }),
    job({ language: 'nl' }),
  ],
});

const TOLD = '3 finished videos differ from the manifest (prompt)';
const OFFER = 'buys them again, for about $0.20, and 1 of them for an unknown price; 1 approved stay as they are';

test('what the manifest asks for differently by now stands in every document, with its price', () => {
  expect(buildReportView(differing).lastRun?.left).toBe('3 finished videos differ from the manifest');
  const summary = renderSummary(differing, { color: false, width: 200 });
  expect(summary).toContain(`${TOLD}. This ${OFFER}:\n    localize manifest.yaml --remake\n`);
  expect(renderMarkdown(differing)).toContain(`${TOLD}. \`localize manifest.yaml --remake\` ${OFFER}.`);
  expect(JSON.parse(renderJson(differing)).differs_from_manifest).toEqual({
    jobs: 3,
    approved: 1,
    remakes: 2,
    estimated_usd: '0.20',
    redos: 0,
    command_usd: '0.20',
    command: 'localize manifest.yaml --remake',
  });
});

test('the first sentence is no good news where finished videos are not as the manifest asks', () => {
  const verdictOf = (jobs: JobSnapshot[]) => buildReportView(snapshot({ jobs })).verdict;
  const done = (language: string) => job({ language });
  const old = (language: string) => edited({ language });
  const stopped = job({ language: 'it', state: 'failed' });
  expect(verdictOf([done('de'), done('fr')])).toEqual({ tone: 'good', text: 'All 2 videos are done.' });
  const told: [JobSnapshot[], string, string][] = [
    [[old('de'), done('fr')], 'changed', 'All 2 videos are done, 1 of them not as the manifest asks now.'],
    [[old('de'), old('fr')], 'changed', 'All 2 videos are done, but none of them as the manifest asks now.'],
    [[old('de')], 'changed', 'The video is done, but not as the manifest asks now.'],
    [
      [done('de'), done('fr'), job({ language: 'it', state: 'canceled' })],
      'good',
      'All 2 videos are done. 1 more is canceled.',
    ],
    [
      [old('de'), done('fr'), stopped],
      'bad',
      '2 of 3 videos are done, 1 of them not as the manifest asks now, 1 stopped short.',
    ],
  ];
  for (const [jobs, tone, text] of told) expect(verdictOf(jobs)).toEqual({ tone, text });
  const summary = (jobs: JobSnapshot[]) => renderSummary(snapshot({ jobs }), { color: true, width: 200 });
  const green = '\u001b[32m';
  expect(summary([done('de')]).startsWith(green)).toBe(true);
  expect(summary([old('de')]).startsWith(green)).toBe(false);
});

test('of a part of the batch each command is about that part alone', () => {
  const selection = "--only 'safety/*' --limit 2";
  const again = `localize manifest.yaml ${selection}`;
  const of = (job: JobSnapshot) => buildReportView(snapshot({ jobs: [job], selection }));
  expect(of(edited({})).changed?.command).toBe(`${again} --remake`);
  expect(of(job({ state: 'pending', attempts: [], output: null })).left?.command).toBe(again);
  expect(renderMarkdown(snapshot({ selection }))).toContain(`Only the jobs of \`${selection}\`.`);
  expect(JSON.parse(renderJson(snapshot({ selection }))).selection).toBe(selection);
  const summary = (given: Snapshot) => renderSummary(given, { color: false, width: 80 });
  expect(summary(snapshot({ selection }))).toContain(`Only the jobs of ${selection}.\n`);
  expect(summary(snapshot())).not.toContain('Only the jobs of');
  const asked = of(job({ redo: { route: null, seed: 7, waits: true, estimateMicros: 200_000 } }));
  expect(asked.redos?.command).toBe(`${again} --remake`);
});

test('what was approved is offered alone where nothing else differs, and what waits for a redo is told of as such', () => {
  const redo = { route: null, seed: 7, waits: true };
  const jobs = [edited({ marks: [approval] }), edited({ language: 'fr', redo })];
  expect(buildReportView(snapshot({ jobs })).changed).toMatchObject({
    text: '1 finished video differs from the manifest (prompt)',
    command: 'localize manifest.yaml --remake --include-approved',
  });
  expect(buildReportView(snapshot()).changed).toBeNull();
  // A run keeps what one reviewer approved, so that it is not offered either where another one does not.
  const disputed = edited({ marks: [approval, { ...approval, reviewer: 'Ben', verdict: 'redo' }] });
  expect(buildReportView(snapshot({ jobs: [disputed, edited({ language: 'fr' })] })).changed).toMatchObject({
    count: 1,
    approved: 1,
  });
});

test('what the budget has no room for is offered with the cap that is in the way', () => {
  const [cap] = troubledSnapshot().budget ?? [];
  const redo = { route: null, seed: 7, waits: true, estimateMicros: 150_000 };
  const given = { ...snapshot({ jobs: [edited({}), edited({ language: 'fr', redo })] }), budget: cap ? [cap] : [] };
  const { changed, redos } = buildReportView(given);
  const room = '; budget.max_usd leaves $0.11 for it';
  expect(changed?.offer).toBe(
    `buys it again, for about $0.20; it makes 1 video again for reviewers too, in all for about $0.35${room}`,
  );
  expect(redos?.text).toBe(
    `1 video waits to be made again, for about $0.15; the command also buys the one that differs from the manifest again, in all for about $0.35${room}`,
  );
  const alone = buildReportView({ ...given, jobs: given.jobs.slice(1) });
  expect(alone.redos?.text).toBe(`1 video waits to be made again, for about $0.15${room}`);
});

test('one command that buys what differs and what reviewers want again has one price, wherever it stands', () => {
  const redo = { route: null, seed: 7, waits: true, estimateMicros: 180_000 };
  const wish: MarkSnapshot = { ...approval, verdict: 'redo' };
  const asked = job({ language: 'fr', marks: [wish], redo });
  const told = (...jobs: JobSnapshot[]) => {
    const given = snapshot({ jobs: [...jobs, asked] });
    const { changed, redos } = buildReportView(given);
    const summary = renderSummary(given, { color: false, width: 1000 });
    const texts = [summary, renderMarkdown(given)];
    for (const text of texts) expect(text).toContain(changed?.offer);
    for (const text of texts) expect(text).toContain(redos?.text);
    return { changed, redos, json: JSON.parse(renderJson(given)).differs_from_manifest };
  };
  const both = told(edited({}, 370_000), edited({ language: 'nl' }, 370_000));
  expect(both.changed?.offer).toContain(
    'for about $0.74; it makes 1 video again for reviewers too, in all for about $0.92',
  );
  expect(both.redos?.text).toContain('also buys the 2 that differ from the manifest again, in all for about $0.92');
  expect(both.redos?.command).toBe(both.changed?.command);
  expect(both.json).toMatchObject({ remakes: 2, estimated_usd: '0.74', redos: 1, command_usd: '0.92' });
  // What is approved is another command's, which makes the redo as well.
  const approved = told(edited({ marks: [approval] }, 370_000));
  expect(approved.changed?.offer).toContain('in all for about $0.55');
  expect(approved.changed?.command).toContain('--include-approved');
  expect(approved.redos?.text).toBe('1 video waits to be made again, for about $0.18');
});

test('a cap of a language, a label or a provider is named where it has no room for what it counts of the offer', () => {
  const cap = (name: string, scope: CapSnapshot['scope'], leftMicros: number): CapSnapshot => {
    const spent = { billedMicros: 0, inFlightMicros: 0, atRiskMicros: 0, unpricedAttempts: 0, spentMicros: 0 };
    return { name, scope, period: 'batch', micros: 500_000, leftMicros, waitingJobs: 0, shortMicros: 0, ...spent };
  };
  const budget = [
    cap('budget.languages.de', { kind: 'language', language: 'de' }, 100_000),
    cap('budget.languages.fr', { kind: 'language', language: 'fr' }, 160_000),
    cap('budget.labels.course', { kind: 'label', label: 'course', value: 'art' }, 100_000),
    cap('budget.providers.fal', { kind: 'provider', provider: 'fal' }, 200_000),
  ];
  const again = { seed: 7, waits: true, estimateMicros: 150_000 };
  const jobs = [
    job({ redo: { ...again, route: null } }),
    job({ language: 'fr', labels: { course: 'art' }, redo: { ...again, route: 'fal/infinitalk' } }),
  ];
  const offered = buildReportView({ ...snapshot({ jobs }), budget });
  expect(offered.redos?.text).toBe(
    '2 videos wait to be made again, for about $0.30; budget.languages.de leaves $0.10 of the $0.15 that it counts of it; budget.labels.course leaves $0.10 of the $0.15 that it counts of it',
  );
  const changed = { fields: ['provider'], estimateMicros: 250_000, route: 'fal/infinitalk' };
  expect(buildReportView({ ...snapshot({ jobs: [job({ language: 'ja', changed })] }), budget }).changed?.offer).toBe(
    'buys it again, for about $0.25; budget.providers.fal leaves $0.20 of the $0.25 that it counts of it',
  );
});

const wish: MarkSnapshot = { ...approval, verdict: 'redo', note: 'lips run ahead' };
const overtaken = snapshot({
  jobs: [job({ marks: [wish], redo: { route: null, seed: 512, waits: false, overtaken: true } })],
});

test('a redo that an edit of the manifest has overtaken needs a person, and is no redo that waits', () => {
  const { attention, reviews, redos } = buildReportView(overtaken);
  expect(attention.reviews).toEqual([
    {
      trouble: 'overtaken',
      title: expect.stringContaining('One video was to be made again, and the manifest was edited since'),
      items: [
        expect.objectContaining({
          key: 'keynote/de',
          command: 'localize review --withdraw keynote/de -m manifest.yaml',
        }),
      ],
    },
  ]);
  expect(reviews).toBe('Imported reviews: 0 approved, 0 to be made again, 1 overtaken by an edit of the manifest');
  expect(redos).toBeNull();
  expect(JSON.parse(renderJson(overtaken)).jobs[0].redo).toMatchObject({ waits: false, overtaken: true });
});

describeInBrowser('a batch that differs from its manifest', (browser) => {
  test('says so before a person scrolls, and of the job that differs', async () => {
    const { page } = await browser.open(differing, { viewport: { width: 1280, height: 800 } });
    const glance = page.locator('.glance .tile-figure', { hasText: '3 finished videos differ' });
    expect(await glance.evaluate((element) => element.getBoundingClientRect().bottom)).toBeLessThan(800);
    const head = page.locator('.verdict');
    expect(await head.textContent()).toBe('All 4 videos are done, 3 of them not as the manifest asks now.');
    const color = (element: Element) => getComputedStyle(element).color;
    const { page: good } = await browser.open(snapshot({ jobs: [job()] }));
    expect(await head.evaluate(color)).not.toBe(await good.locator('.verdict').evaluate(color));
    await expect(textOf(page, '.changed-videos')).resolves.toContain(`${TOLD}. This ${OFFER}:`);
    await page.locator('#videos .cell').first().click();
    await expect(textOf(page, 'dialog .facts')).resolves.toContain('Differs from the manifestprompt');
  });

  test('shows a redo that was overtaken as that', async () => {
    const { page } = await browser.open(overtaken);
    await page.locator('#videos .cell').first().click();
    await expect(textOf(page, 'dialog .facts')).resolves.toContain('overtaken by an edit of the manifest');
  });
});
