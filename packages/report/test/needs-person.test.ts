import { describe, expect, test } from 'vitest';
import { type ReportJson, renderJson, renderMarkdown, renderSummary } from '../src/index.js';
import { describeInBrowser } from './browser.js';
import { job, T0 } from './fixture.js';
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
      ...{ videoId: 'review', language: 'waits', changed: { fields: ['prompt'], estimateMicros: 180_000 } },
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
    expect(needs_a_person.find(({ key }) => key === 'review/waits')).toMatchObject({
      state: 'waiting',
      why: 'The budget leaves no room to make it again: budget.max_usd',
      detail: 'needs $0.20',
      mend: 'raise budget.max_usd by $0.09, then: localize manifest.yaml --remake',
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

describeInBrowser('the page', (browser) => {
  test('lists the same under what needs a person, and the same under what the next run looks at', async () => {
    const { page } = await browser.open(given);
    for (const [index, names] of [FOR_PERSON, FOR_NEXT_RUN].entries()) {
      const list = page.locator('#attention h3', { hasText: HEADS[index] ?? '' }).locator('+ ul');
      const shown = await list.locator('.job-key bdi, .attention-title code').allTextContents();
      expect(shown.sort()).toEqual(names);
    }
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
