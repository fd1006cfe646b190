import { readFile } from 'node:fs/promises';
import type { JobSnapshot } from '@localize/core';
import { describe, expect, test } from 'vitest';
import {
  forReviewer,
  parseReview,
  type ReviewMark,
  renderJson,
  renderMarkdown,
  renderSummary,
  writeReview,
} from '../src/index.js';
import { reviewFileName } from '../src/review/review-file-name.js';
import { buildReportView } from '../src/view-model/report-view.js';
import { describeReview, importedText } from '../src/view-model/review-words.js';
import { describeInBrowser, PATIENT } from './browser.js';
import { job, snapshot, T0, unfinished } from './fixture.js';
import { hostileSnapshot } from './hostile.js';
import { troubledSnapshot } from './troubled.js';

const MARK: ReviewMark = {
  key: 'keynote/de',
  sha256: 'a'.repeat(64),
  verdict: 'redo',
  route: null,
  note: 'the lips run ahead',
  at: '2026-03-14T09:26:53.000Z',
};

describe('a review file', () => {
  test('is read as it was written', () => {
    const review = { format: 'localize-review', version: 1, batch: 'spring', reviewer: 'Ana', marks: [MARK] };
    const text = writeReview('spring', 'Ana', [MARK]);
    expect(parseReview(text)).toEqual({ review });
    expect(parseReview(`\uFEFF${text}`)).toEqual({ review });
  });

  test.each([
    ['', 'it is no review file'],
    ['{"jobs": []}', 'it is no review file'],
    ['{"format": "localize-review", "version": 2}', 'it has version 2'],
    [writeReview('b', 'r', [{ ...MARK, sha256: '' }]), 'mark 1 (keynote/de) has no SHA-256'],
    [writeReview('b', 'r', [MARK, { ...MARK, verdict: 'maybe' as never }]), 'says neither approve nor redo'],
    [writeReview('b', 'r'.repeat(5000), [MARK]), 'name has 5000 characters, and 100 are the most'],
    [writeReview('b', 'r', [{ ...MARK, note: 'n'.repeat(2001) }]), 'a note of 2001 characters, and 2000 are the most'],
  ])('%j is refused: %s', (text, problem) => {
    expect(parseReview(text)).toEqual({ problem: expect.stringContaining(problem) });
  });
});

test.each([
  ['spring', 'Jana Nováková', ['keynote/de'], 'review-spring-de-Jana-Nováková.json'],
  ['spring', '', ['a/de', 'a/fr', 'a/ja', 'a/nl'], 'review-spring.json'],
  ['../../etc', 'a/b:c*', ['a/pt-BR'], 'review-etc-pt-BR-a-b-c.json'],
])('the marks of batch %j by %j are downloaded under a name of their own', (batch, reviewer, keys, name) => {
  const marks = keys.map((key) => ({ ...MARK, key }));
  expect(reviewFileName(batch, reviewer, marks)).toBe(name);
});

describeInBrowser('a reviewer', (browser) => {
  test('marks outputs, comes back after a reload, and downloads the marks', async () => {
    const others = { otherRoutes: ['fal/infinitalk', 'eachlabs/infinitalk'] };
    const jobs = [job(others), job({ language: 'fr', route: 'wavespeed/infinitetalk' })];
    const { page } = await browser.open(snapshot({ jobs }));
    await page.getByRole('button', { name: 'keynote, de: Succeeded' }).click();
    await page.getByRole('button', { name: 'Redo' }).click();
    const how = page.getByRole('combobox', { name: 'With' });
    // On its own route it would be bought with the same input, and not every route of the batch can make it.
    expect(await how.getByRole('option').allTextContents()).toEqual(['a new seed', 'fal/infinitalk']);
    await how.selectOption('fal/infinitalk');
    await page.getByRole('textbox', { name: 'Note' }).fill('the lips run ahead');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.keyboard.press('Escape');
    // What is closed stays closed.
    await expect.poll(() => page.url(), PATIENT).not.toContain('#');
    await page.reload();
    await page.getByText('1 approved, 1 to redo, 0 videos to look at').waitFor();
    await page.getByLabel('Your name').fill('Ana');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download marks' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('review-spring-de-fr-Ana.json');
    const parsed = parseReview(await readFile(await download.path(), 'utf8'));
    expect(parsed).toMatchObject({
      review: {
        batch: 'spring',
        reviewer: 'Ana',
        marks: [
          { key: 'keynote/de', verdict: 'redo', route: 'fal/infinitalk', note: 'the lips run ahead' },
          { key: 'keynote/fr', verdict: 'approve', route: null },
        ],
      },
    });
  });

  test('goes through videos by keys alone, and types them in a note', async () => {
    const { page } = await browser.open(snapshot({ jobs: [job(), job({ language: 'fr' })] }));
    await page.getByRole('button', { name: 'keynote, de: Succeeded' }).click();
    await page.locator('dialog[open]').waitFor();
    await page.keyboard.press('a');
    await page.locator('.approve[aria-pressed="true"]').waitFor();
    await page.keyboard.press('n');
    await page.getByRole('heading', { name: 'keynote in French (fr)' }).waitFor();
    await page.keyboard.press('r');
    await page.locator('.redo[aria-pressed="true"]').waitFor();
    await page.getByRole('textbox', { name: 'Note' }).click();
    await page.keyboard.type('a narrow nap');
    await page.keyboard.press('Escape');
    await page.getByText('1 approved, 1 to redo, 0 videos to look at').waitFor();
    await page.getByRole('button', { name: /^keynote, fr: .*to be made again/ }).click();
    expect(await page.getByRole('textbox', { name: 'Note' }).inputValue()).toBe('a narrow nap');
  });

  test('keeps a note that has no mark yet, and is told of it', async () => {
    const { page } = await browser.open(snapshot({ jobs: [job(), job({ language: 'fr' })] }));
    await page.getByRole('button', { name: 'keynote, de: Succeeded' }).click();
    const note = page.getByRole('textbox', { name: 'Note' });
    await note.fill('the lips run ahead');
    await page.getByText('It goes with a mark').waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    expect(await note.inputValue()).toBe('');
    await page.getByRole('button', { name: 'Previous' }).click();
    expect(await note.inputValue()).toBe('the lips run ahead');
    await page.keyboard.press('Escape');
    await page.getByText('0 to redo, 2 videos to look at, 1 note without a mark').waitFor();
    // Neither a reload loses it, nor a second tab, which has it as well.
    const second = await page.context().newPage();
    await second.goto(page.url());
    await second.getByText('0 to redo, 2 videos to look at, 1 note without a mark').waitFor();
    await page.reload();
    await page.getByText('0 to redo, 2 videos to look at, 1 note without a mark').waitFor();
    await page.getByRole('button', { name: 'keynote, de: Succeeded' }).click();
    expect(await note.inputValue()).toBe('the lips run ahead');
    await page.getByRole('button', { name: 'Redo' }).click();
    await page.keyboard.press('Escape');
    await page.getByText(/1 to redo, 1 video to look at$/).waitFor();
    await page.getByRole('button', { name: /^keynote, de: .*to be made again/ }).click();
    expect(await note.inputValue()).toBe('the lips run ahead');
  });

  test('in two tabs has the marks of both in each', async () => {
    const { page: one } = await browser.open(snapshot({ jobs: [job(), job({ language: 'fr' })] }));
    const two = await one.context().newPage();
    await two.goto(`${one.url()}#job=keynote%2Ffr`);
    await one.goto(`${one.url()}#job=keynote%2Fde`);
    await one.getByRole('button', { name: 'Approve' }).click();
    await two.getByRole('button', { name: 'Redo' }).click();
    for (const tab of [one, two]) {
      await tab.keyboard.press('Escape');
      await tab.getByText('1 approved, 1 to redo, 0 videos to look at').waitFor();
    }
    await one.reload();
    await one.getByText('1 approved, 1 to redo, 0 videos to look at').waitFor();
  });

  test('marks no video that is held, which has its reason and its command', async () => {
    const mend = 'localize retry manifest.yaml --only keynote/de';
    const reason = 'the result is shorter than its track';
    const held = job({ state: 'held', holdReason: 'too-short', reason, mend, output: 'keynote.de.held.mp4' });
    const { page } = await browser.open(snapshot({ jobs: [held, job({ language: 'fr' })] }));
    await page.evaluate(
      (review) => localStorage.setItem('localize-review spring', review),
      writeReview('spring', '', [MARK]),
    );
    await page.reload();
    await page.getByText('0 approved, 0 to redo, 1 video to look at').waitFor();
    await page.getByRole('button', { name: /^keynote, de: Held/ }).click();
    const dialog = page.locator('dialog[open]');
    await dialog.getByText(reason).waitFor();
    await dialog.getByText(mend).waitFor();
    expect(await dialog.getByRole('button', { name: /Approve|Redo/ }).count()).toBe(0);
  });

  test('sees no mark that was made of another file', async () => {
    const { page } = await browser.open(snapshot());
    await page.evaluate(
      (review) => localStorage.setItem('localize-review spring', review),
      writeReview('spring', '', [{ ...MARK, sha256: 'b'.repeat(64) }]),
    );
    await page.reload();
    await page.getByText('0 approved, 0 to redo, 1 video to look at').waitFor();
  });

  test.each([
    ['of another file', { 'keynote/de': { sha256: 'b'.repeat(64), note: 'too early' } }],
    ['that it cannot read', { 'keynote/de': 'too early', 'keynote/fr': null }],
  ])('sees no note %s', async (_, notes) => {
    const { page, problems } = await browser.open(snapshot());
    await page.evaluate((kept) => localStorage.setItem('localize-notes spring', kept), JSON.stringify(notes));
    await page.reload();
    await page.getByText('0 approved, 0 to redo, 1 video to look at').waitFor();
    expect(await page.getByText('without a mark').count()).toBe(0);
    expect(problems.filter((problem) => !problem.includes('ERR_FILE_NOT_FOUND'))).toEqual([]);
  });
});

describeInBrowser('the page for a native speaker', (browser) => {
  function german() {
    const troubled = troubledSnapshot();
    const asks = { reviewer: 'Ben', verdict: 'redo', route: 'fal/infinitalk', note: 'too fast', atMs: T0 } as const;
    const jobs = troubled.jobs.filter(({ language }) => language === 'de');
    return forReviewer({ ...troubled, jobs: jobs.map((each) => ({ ...each, marks: [asks], earlierMarks: [asks] })) });
  }

  test('shows the videos and the marks, and nothing of how they were made', async () => {
    const { page, problems } = await browser.open(german(), { audience: 'reviewer' });
    const shown = (await page.locator('#report').textContent()) ?? '';
    expect(shown).toContain('2 videos in German (de)');
    for (const inside of ['API_KEY', '$', 'infinitalk', 'manifest.yaml', 'localize ', 'Attempt']) {
      expect(shown).not.toContain(inside);
    }
    await page.getByRole('button', { name: /^keynote in de/ }).click();
    const remarks = await page.locator('dialog .remarks').allTextContents();
    expect(remarks).toEqual(Array(2).fill('Ben asks for another: too fast (2026-03-14 09:26 UTC)'));
    await page.getByRole('button', { name: 'Redo' }).click();
    // A native speaker names no route.
    expect(await page.getByRole('combobox', { name: 'With' }).count()).toBe(0);
    await expect.poll(() => page.locator('dialog .facts').textContent()).not.toMatch(/Billed|Route|SHA/);
    await page.keyboard.press('Escape');
    // Ben has marked them all.
    await page.getByText('0 approved, 1 to redo, 0 videos to look at').waitFor();
    await page.getByRole('button', { name: 'Download marks' }).waitFor();
    expect(problems.filter((problem) => !problem.includes('ERR_FILE_NOT_FOUND'))).toEqual([]);
  });

  test('tells videos of several languages apart, and names no language where there is one', async () => {
    const rows = async (...languages: string[]) => {
      const jobs = languages.map((language) => job({ language }));
      const { page } = await browser.open(forReviewer(snapshot({ jobs })), { audience: 'reviewer' });
      return page.locator('.to-review tbody th').locator(':scope > span').allTextContents();
    };
    expect(await rows('de', 'pt-BR')).toEqual([' de', ' pt-BR']);
    expect(await rows('de')).toEqual([]);
  });

  test('is told of each video that is not there why, with nothing to open', async () => {
    const states = ['failed', 'held', 'processing', 'pending'] as const;
    const replaced = job({ videoId: 'replaced', replaced: true, output: null });
    const earlierVideo = { output: 'videos/again.mp4', sha256: 'a'.repeat(64), durationMs: 12_000, review: null };
    const again = unfinished({ state: 'failed', videoId: 'again', earlierVideo });
    const jobs = [job(), ...states.map((state) => unfinished({ state, videoId: state })), replaced, again];
    const { page } = await browser.open(forReviewer(snapshot({ jobs })), { audience: 'reviewer' });
    expect(await page.locator('.to-review tbody td:nth-child(2)').allTextContents()).toEqual([
      '30.0 s',
      'failed, none to look at',
      'stopped, none to look at yet',
      'being made',
      'not made yet',
      'replaced by another file, not in this folder',
      '12.0 s',
    ]);
    expect(await page.locator('.open-job').count()).toBe(2);
    // The earlier video of one whose redo failed is there to look at, and not to be marked.
    await page.getByRole('row', { name: /^again .*the earlier video; another was wanted, which failed$/ }).waitFor();
    await page.getByRole('button', { name: /^again/ }).click();
    await page.getByRole('dialog').getByText('Localized, de: its earlier video', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
  });

  test('keeps hostile text as text', async () => {
    const hostile = forReviewer(hostileSnapshot());
    const { page, problems } = await browser.open(hostile, { audience: 'reviewer' });
    await expect(page.locator('h1').textContent()).resolves.toBe(hostile.batch);
    for (const open of await page.locator('.open-job').all()) {
      await open.click();
      await page.locator('dialog .facts').waitFor();
      await page.keyboard.press('Escape');
    }
    expect(await page.locator('img, iframe, main script, a[href^="javascript"]').count()).toBe(0);
    expect(problems.filter((problem) => !problem.includes('ERR_FILE_NOT_FOUND'))).toEqual([]);
  });
});

describe('redos that wait', () => {
  const redo = { route: 'fal/infinitalk', seed: null, waits: true } as const;
  const asks = { reviewer: 'Ben', verdict: 'redo', route: 'fal/infinitalk', note: '', atMs: T0 } as const;
  const onFal = job({ marks: [asks], redo: { ...redo, estimateMicros: 310_000 } });
  const refused = 'the manifest sends nothing to fal';
  const impossible = job({ language: 'ja', marks: [asks], redo: { ...redo, refused } });

  const waitingRedos = (jobs: JobSnapshot[]) => buildReportView(snapshot({ jobs })).redos;

  test('are counted with what making them again costs, and not those that no route can do', () => {
    expect(waitingRedos([onFal, impossible])?.text).toBe('1 video waits to be made again, for about $0.31');
    expect(waitingRedos([impossible])).toBeNull();
    const unpriced = job({ language: 'fr', redo: { ...redo, estimateMicros: null } });
    expect(waitingRedos([onFal, unpriced])?.text).toBe(
      '2 videos wait to be made again, for about $0.31, and 1 of them for an unknown price',
    );
  });

  test('say of each job what it comes to, or why it cannot be', () => {
    expect(describeReview(onFal, 'UTC').redo).toBe('to be made again on fal/infinitalk, for about $0.31');
    const words = describeReview(impossible, 'UTC');
    expect(words.redo).toBe(`cannot be made again on fal/infinitalk: ${refused}`);
    expect(words.reviewText).toBe('cannot be made again');
    expect(importedText([describeReview(onFal, 'UTC'), words])).toBe(
      'Imported reviews: 0 approved, 1 to be made again, 1 that cannot be made again as asked',
    );
  });
});

describe('a redo that came out the same', () => {
  const asks = { reviewer: 'Ben', verdict: 'redo', route: null, note: 'the lips lag', atMs: T0 } as const;
  const redo = { route: 'eachlabs/infinitalk', seed: 512, waits: false } as const;
  const same = job({ marks: [asks], redo });

  test('needs a person, who is told which and what to do', () => {
    const { attention, reviews, redos } = buildReportView(snapshot({ jobs: [same] }));
    expect(attention.reviews).toEqual([
      {
        trouble: 'same',
        title:
          'One video was made again and came out the same: mark it anew, best with another route, or withdraw what was said',
        items: [
          {
            key: 'keynote/de',
            detail: null,
            command: 'localize review --withdraw keynote/de -m manifest.yaml',
            atRiskMicros: 0,
            billedMicros: 150_000,
            paidMicros: 150_000,
          },
        ],
      },
    ]);
    expect(reviews).toBe('Imported reviews: 0 approved, 0 to be made again, 1 that came out the same');
    expect(redos).toBeNull();
    expect(describeReview(same, 'UTC')).toMatchObject({
      reviewText: 'made again, and came out the same',
      redo: 'made again for a reviewer with seed 512 on eachlabs/infinitalk',
    });
  });

  test('is none while it is being made, once it is another video, or when somebody approves it', () => {
    const others = [
      job({ marks: [asks], redo, state: 'processing' }),
      job({ earlierMarks: [asks], redo }),
      job({ marks: [{ ...asks, verdict: 'approve' }], redo }),
      job({ marks: [asks], redo: { ...redo, waits: true } }),
    ];
    for (const each of others) {
      expect(buildReportView(snapshot({ jobs: [each] })).attention.reviews).toEqual([]);
      expect(describeReview(each, 'UTC').isSame).toBe(false);
    }
  });

  test('stands in every document', () => {
    const given = snapshot({ jobs: [same] });
    expect(renderMarkdown(given)).toContain('**One video was made again and came out the same');
    expect(renderSummary(given, { color: false, width: 200 })).toContain('made again and came out the same');
    expect(JSON.parse(renderJson(given)).jobs[0].redo).toMatchObject({ waits: false, came_out_the_same: true });
  });

  describeInBrowser('in the page', (browser) => {
    test('stands in the matrix, in what needs a person, and beside its video', async () => {
      const { page } = await browser.open(snapshot({ jobs: [same] }));
      const card = page.locator('.attention-group', { hasText: 'One video was made again and came out the same' });
      await card.getByText('localize review --withdraw keynote/de').waitFor();
      const cell = page.getByRole('button', { name: /review: same, made again, and came out the same$/ });
      expect(await cell.textContent()).toBe('same');
      await cell.click();
      await page.locator('dialog .facts').getByText('made again, and came out the same').waitFor();
    });
  });
});

describeInBrowser('imported marks', (browser) => {
  test('stand beside the video that they are of', async () => {
    const note = 'the lips <b>run</b> ahead';
    const approved = { reviewer: 'Ana', verdict: 'approve', route: null, note: '', atMs: T0 } as const;
    const refused = { reviewer: 'Ben', verdict: 'redo', route: null, note, atMs: T0 } as const;
    const jobs = [job({ marks: [approved] }), job({ language: 'fr', marks: [approved, refused] })];
    const { page } = await browser.open(snapshot({ jobs }));
    await page.getByText('Imported reviews: 1 approved, 0 to be made again, 1 where the reviewers disagree').waitFor();
    await page.getByRole('button', { name: 'keynote, fr: Succeeded, review: the reviewers disagree' }).click();
    await page.getByText(`Ben asks for another: ${note}`).waitFor();
  });
});
