import { describe, expect, test } from 'vitest';
import { forReviewer, type ReportJson, renderJson, renderMarkdown, renderSummary } from '../src/index.js';
import { jobRows } from '../src/view-model/job-rows.js';
import { buildReportView } from '../src/view-model/report-view.js';
import { canReview } from '../src/view-model/review-view.js';
import { stateCounts } from '../src/view-model/state-counts.js';
import { describeInBrowser } from './browser.js';
import { job, snapshot, T0 } from './fixture.js';
import { troubledSnapshot } from './troubled.js';

const says = (reviewer: string, verdict: 'approve' | 'redo') => ({
  reviewer,
  verdict,
  route: null,
  note: '',
  atMs: T0,
});

/** All that can stop, and finished videos of which reviewers have to say more. */
const troubled = troubledSnapshot();
const given = {
  ...troubled,
  jobs: [
    ...troubled.jobs,
    job({ videoId: 'review', language: 'disputed', marks: [says('Ana', 'approve'), says('Ben', 'redo')] }),
    job({
      ...{ videoId: 'review', language: 'same', marks: [says('Ana', 'redo')] },
      redo: { route: null, seed: 7, waits: false },
    }),
    job({
      ...{ videoId: 'review', language: 'overtaken', marks: [says('Ana', 'redo')] },
      redo: { route: null, seed: 7, waits: false, overtaken: true },
    }),
    job({
      ...{ videoId: 'review', language: 'replaced', replaced: true, earlierMarks: [says('Ana', 'approve')] },
      reason: 'the output on disk is not the file that was downloaded; it is left alone',
      mend: 'move the file away, then: localize manifest.yaml',
    }),
    job({
      ...{ videoId: 'review', language: 'missing', missing: true, output: null },
      reason: 'its video is not on disk; the next run fetches it again, for free',
      mend: 'localize manifest.yaml',
    }),
    job({
      ...{ videoId: 'review', language: 'gone', missing: true, output: null, marks: [says('Ana', 'redo')] },
      remaking: { state: 'held', holdReason: 'lane-closed' },
      reason: 'making it again is held: no lane that may take it is open; its video is not on disk',
      mend: 'mend the key or top up, then: localize manifest.yaml',
    }),
    job({
      ...{ videoId: 'review', language: 'waits', changed: { fields: ['prompt'], estimateMicros: 180_000 } },
      waitsForMoney: { neededMicros: 200_000, caps: ['budget.max_usd'] },
    }),
    job({
      ...{ videoId: 'again', language: 'held', remaking: { state: 'held', holdReason: 'no-route' } },
      reason: 'making it again is held: no route that its settings allow takes this job: fal is not among the keys',
      mend: 'localize plan manifest.yaml',
    }),
    job({
      ...{ videoId: 'again', language: 'money', remaking: { state: 'pending', holdReason: null } },
      waitsForMoney: { neededMicros: 200_000, caps: ['budget.max_usd'] },
    }),
    job({
      ...{ videoId: 'review', language: 'refused', marks: [says('Ana', 'redo')] },
      redo: { route: 'fal/infinitalk', seed: null, waits: true, refused: 'fal/infinitalk makes at most 145 frames' },
    }),
  ],
};
const { needs_a_person, next_run_looks_again } = JSON.parse(renderJson(given)) as ReportJson;
const namesOf = (list: ReportJson['needs_a_person']) => list.map(({ key, lane }) => key ?? lane ?? '').sort();
const FOR_PERSON = namesOf(needs_a_person);
const FOR_NEXT_RUN = namesOf(next_run_looks_again);
const ALL = [...FOR_PERSON, ...FOR_NEXT_RUN];

/** What a part of a text names of all that needs looking after; a part ends where the next heading begins. */
function namedBelow(text: string, head: string, nextHead: RegExp): string[] {
  const [, below = ''] = text.split(`${head}\n`);
  const [part = ''] = below.split(nextHead);
  const words = new Set(part.split(/[\s`:]+/));
  return ALL.filter((name) => words.has(name)).sort();
}

const HEADS = ['Needs a person', 'The next run looks at these again by itself'] as const;

describe('what needs a person', () => {
  test('is the same jobs, lanes and videos in the JSON, the Markdown and the terminal', () => {
    expect(FOR_PERSON).toEqual(expect.arrayContaining(['FAL_KEY', 'review/disputed', 'review/same', 'failures/auth']));
    expect(needs_a_person.find(({ key }) => key === 'review/same')).toMatchObject({
      state: 'came_out_the_same',
      billed_usd: '0.15',
      mend: 'localize review --withdraw review/same -m manifest.yaml',
    });
    expect(needs_a_person.find(({ key }) => key === 'review/refused')).toMatchObject({
      state: 'cannot_be_made_again',
      detail: 'fal/infinitalk makes at most 145 frames',
      mend: 'localize review --withdraw review/refused -m manifest.yaml',
    });
    expect(needs_a_person.find(({ key }) => key === 'review/replaced')).toMatchObject({
      state: 'replaced',
      mend: 'move the file away, then: localize manifest.yaml',
    });
    expect(needs_a_person.find(({ key }) => key === 'review/missing')).toMatchObject({
      state: 'missing',
      why: 'One finished video is not on disk: the next run fetches it again, for free',
      mend: 'localize manifest.yaml',
    });
    expect(needs_a_person.find(({ key }) => key === 'review/gone')).toMatchObject({
      state: 'missing',
      why: 'One video that is to be made again is not on disk: mend what that waits for, or take back what asks for it, and a run has the old one again for free',
      mend: 'mend the key or top up, then: localize manifest.yaml',
    });
    expect(needs_a_person.find(({ key }) => key === 'review/waits')).toMatchObject({
      state: 'waiting',
      why: 'The budget leaves no room to make it again: budget.max_usd',
      detail: 'needs $0.20',
      mend: 'raise budget.max_usd by $0.09, then: localize manifest.yaml --remake',
    });
    expect(needs_a_person.find(({ key }) => key === 'again/money')).toMatchObject({
      state: 'waiting',
      why: 'The budget leaves no room to make it again: budget.max_usd',
      mend: 'raise budget.max_usd by $0.09, then: localize manifest.yaml',
    });
    expect(next_run_looks_again.find(({ key }) => key === 'again/held')).toMatchObject({
      state: 'held',
      why: 'Making it again is held: no route that its settings allow takes this job',
      detail: 'fal is not among the keys',
      // As of any other, with the video that it has.
      billed_usd: '0.15',
      mend: 'localize plan manifest.yaml',
    });
    expect(FOR_NEXT_RUN.length).toBeGreaterThan(0);
    const markdown = renderMarkdown(given);
    const terminal = renderSummary(given, { color: false, width: 400 });
    for (const [head, names] of [
      [HEADS[0], FOR_PERSON],
      [HEADS[1], FOR_NEXT_RUN],
    ] as const) {
      expect(namedBelow(markdown, `### ${head}`, /^###/m)).toEqual(names);
      expect(namedBelow(terminal, head, /^\S/m)).toEqual(names);
    }
  });
});

test('a finished video whose making again is held or waits is delivered, plays and takes marks', () => {
  const remaking = given.jobs.filter((each) => each.remaking && !each.missing);
  const { verdict, totals, lastRun, redos } = buildReportView(snapshot({ jobs: [job(), ...remaking] }));
  expect(totals).toMatchObject({ succeeded: 3, held: 0, pending: 0 });
  expect(verdict).toEqual({ tone: 'changed', text: 'All 3 videos are done. 2 of them are not made again yet.' });
  expect(lastRun?.left).toBe('ended in order, 2 videos left');
  expect(redos).toBeNull();
  const asked = { marks: [says('Ana', 'redo')], redo: { route: null, seed: 7, waits: true, estimateMicros: 150_000 } };
  const waits = job({ videoId: 'again', language: 'asked', ...asked });
  const failed = job({ ...waits, language: 'failed', remaking: { state: 'failed', holdReason: null } });
  const mixed = buildReportView(snapshot({ jobs: [job(), waits, failed, job({ ...waits, language: 'too' })] }));
  const replaced = job({ replaced: true, changed: { fields: ['seed'], estimateMicros: 150_000 } });
  expect(buildReportView(snapshot({ jobs: [replaced] })).changed).toBeNull();
  // One count, wherever it is told.
  expect(mixed.verdict).toEqual({ tone: 'changed', text: 'All 4 videos are done. 3 of them are not made again yet.' });
  expect(stateCounts(mixed)[0]).toMatchObject({ count: 4, note: '3 to be made again' });
  expect(mixed.reviews).toBe('Imported reviews: 0 approved, 3 to be made again');
  expect(mixed.redos?.text).toBe('2 of them wait to be made again, for about $0.30');
  expect(mixed.lastRun?.left).toBe('ended in order, 1 video left, 2 to be made again');
  const agreed = job({ ...waits, remaking: { state: 'pending', holdReason: null } });
  expect(buildReportView(snapshot({ jobs: [agreed] })).redos).toEqual({
    text: '1 video is made again by the next run, as agreed, for about $0.15',
    command: 'localize manifest.yaml',
  });
  const [row] = jobRows(snapshot({ jobs: remaking }), '');
  expect(row).toMatchObject({ state: 'succeeded', outputUrl: expect.stringContaining('again.held.mp4') });
  expect(row?.notes).toEqual(['to be made again; this one stays until then']);
  expect(row?.reason).toContain('making it again is held');
  expect(JSON.parse(renderJson(snapshot({ jobs: remaking }))).jobs[0]).toMatchObject({
    state: 'succeeded',
    making_again: { state: 'held', hold_reason: 'no-route' },
  });
  const [shown] = forReviewer(snapshot({ jobs: remaking })).jobs;
  expect(shown).toMatchObject({ state: 'succeeded', outputSha256: expect.any(String), reason: null });
  expect(shown).not.toHaveProperty('remaking');
});

test('a finished video that is not on disk does not count as there, and takes no marks', () => {
  const gone = given.jobs.filter(({ missing, remaking }) => missing && !remaking);
  const { verdict } = buildReportView(snapshot({ jobs: [job(), ...gone] }));
  expect(verdict).toEqual({ tone: 'changed', text: 'All 2 videos are done, 1 of them not on disk.' });
  expect(buildReportView(snapshot({ jobs: gone })).verdict.text).toBe('The video is done, but not on disk.');
  const [row] = jobRows(snapshot({ jobs: gone }), '');
  expect(row).toMatchObject({ stateName: 'Not on disk', look: 'held', outputUrl: null });
  expect(row?.absence).toBe('No video: its video is not on disk; the next run fetches it again, for free.');
  expect(row && canReview(row)).toBe(false);
});

test('of those that succeeded it is said how many are replaced on disk or to be made again', () => {
  expect(stateCounts(buildReportView(given)).find(({ state }) => state === 'succeeded')?.note).toBe(SUCCEEDED_NOTE);
  expect(renderSummary(given, { color: false, width: 400 })).toContain(`succeeded (${SUCCEEDED_NOTE})`);
  expect(renderMarkdown(given)).toContain(`(${SUCCEEDED_NOTE})`);
});
const SUCCEEDED_NOTE = '1 replaced on disk, 2 not on disk, 3 to be made again';

describeInBrowser('the page', (browser) => {
  test('says so on the tile of those that succeeded', async () => {
    const { page } = await browser.open(given);
    await page.locator('.tile', { hasText: 'Succeeded' }).getByText(SUCCEEDED_NOTE).waitFor();
  });

  test('lists the same under what needs a person, and the same under what the next run looks at', async () => {
    const { page } = await browser.open(given);
    for (const [index, names] of [FOR_PERSON, FOR_NEXT_RUN].entries()) {
      const list = page.locator('#attention h3', { hasText: HEADS[index] ?? '' }).locator('+ ul');
      const shown = await list.locator('.job-key bdi, .attention-title code').allTextContents();
      expect(shown.sort()).toEqual(names);
    }
  });

  test('plays a video whose making again is held, and says that beside it with what mends it', async () => {
    const { page } = await browser.open(given);
    await page.getByRole('button', { name: /^again, held: Succeeded/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('making it again is held').waitFor();
    await dialog.getByText('localize plan manifest.yaml').waitFor();
    expect(await dialog.getByRole('button', { name: 'Approve' }).count()).toBe(1);
    expect(await dialog.locator('video').count()).toBe(2);
  });

  test('does not show a video that somebody replaced as done, nor takes marks of it', async () => {
    const { page } = await browser.open(given);
    const cell = page.getByRole('button', { name: /^review, replaced: Replaced on disk, another file/ });
    expect(await cell.locator('.state-succeeded').count()).toBe(0);
    await cell.click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Replaced on disk').waitFor();
    await dialog.getByText('move the file away').waitFor();
    expect(await dialog.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    expect(await dialog.getByText('nothing wrong').count()).toBe(0);
  });
});
