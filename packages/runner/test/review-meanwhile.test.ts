import { existsSync } from 'node:fs';
import type { JobSnapshot, Plan, WholePlan } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GivenMark, importMarks, type RunOptions, withdrawMarks } from '../src/index.js';
import { type BatchFixture, batchFixture, withPrompt } from '../testing/batch-fixture.js';
import { oneSlotPlan } from '../testing/one-slot-batches.js';

let batch: BatchFixture;
let made: readonly JobSnapshot[];
/** The job that reviewers speak of: of the two the one that is not bought first, whichever is staged sooner. */
let other: string;
beforeEach(async () => {
  batch = await batchFixture(['de', 'fr']);
  await batch.run({}, asWritten());
  made = batch.snapshot().jobs;
  other = KEYS[1];
});
afterEach(() => batch.close());

const KEYS = ['keynote/de', 'keynote/fr'] as const;
const asWritten = () => oneSlotPlan(batch, 'spring', ['de', 'fr']);
const jobOf = (key: string) => batch.snapshot().jobs.find((job) => job.key === key)!;
const bought = (key: string) => jobOf(key).attempts.length;

function mark(key: string, over: Partial<GivenMark> = {}): GivenMark {
  const sha256 = made.find((job) => job.key === key)!.outputSha256!;
  return { key, sha256, reviewer: 'Ana', verdict: 'redo', route: null, note: '', atMs: 1000, ...over };
}
const take = (...marks: GivenMark[]) =>
  expect(importMarks(batch.store, 'spring', marks, 5000).map(({ outcome }) => outcome)).toEqual(
    marks.map(() => 'applied'),
  );

/** The plan with the redos that are asked for by now, as the next run would make it. */
function withRedos(plan: WholePlan): WholePlan {
  const jobs = plan.jobs.map((planned) => {
    const { redo } = jobOf(planned.key);
    if (redo === undefined) return planned;
    const { route, seed } = redo;
    const choices = planned.choices.map((choice) => ({ ...choice, input: { ...choice.input, seed } }));
    return { ...planned, redo: { route, seed }, choices };
  });
  return { ...plan, jobs };
}

/** Makes both again on one slot; while the first is bought, reviewers speak of the other. */
async function runMeanwhile(plan: Plan, say: () => void, options: Partial<RunOptions> = {}) {
  const { start } = batch.scripted.provider;
  let isSaid = false;
  const speaking: typeof start = async (...call) => {
    if (!isSaid) {
      isSaid = true;
      const waits = batch.store.sqlite.prepare("SELECT key FROM jobs WHERE state IN ('pending', 'staging')").pluck();
      other = String(waits.get());
      say();
    }
    return start(...call);
  };
  const providers = new Map([['acme', { ...batch.scripted.provider, start: speaking }]]);
  batch.events.length = 0;
  const outcome = await batch.run({ remake: true, providers, ...options }, plan);
  expect(isSaid).toBe(true);
  return outcome;
}

const said = () =>
  batch.events.flatMap((event) => (event.type === 'problem' ? [`${event.key}: ${event.message}`] : []));

function expectKept() {
  const { output, outputSha256, route } = made.find(({ key }) => key === other)!;
  expect(jobOf(other)).toMatchObject({ state: 'succeeded', output, outputSha256, route, reason: null });
  expect(jobOf(other).remaking).toBeUndefined();
  expect(existsSync(output!)).toBe(true);
  expect(KEYS.map(bought)).toEqual(KEYS.map((key) => (key === other ? 1 : 2)));
}

describe('what reviewers say while a run is at work', () => {
  it('keeps an approved video from being made again, and the run says so', async () => {
    const plan = withPrompt(asWritten(), 'new words');
    const approve = () => take(mark(other, { verdict: 'approve' }));
    expect((await runMeanwhile(plan, approve)).exit).toBe(0);
    expectKept();
    expect(said()).toEqual([`${other}: a reviewer has approved it: it keeps its video, and no other is bought`]);
    const changed = { type: 'job:changed', key: other, fields: ['prompt'], approved: true };
    expect(batch.events).toContainEqual(expect.objectContaining(changed));
    expect(jobOf(other).changed?.fields).toEqual(['prompt']);
    // The user’s word has it made again all the same.
    await batch.run({ remake: true, includeApproved: true }, plan);
    expect(bought(other)).toBe(2);
  });

  it('does not keep an approved video where the run was told to make those again too', async () => {
    const plan = withPrompt(asWritten(), 'new words');
    await runMeanwhile(plan, () => take(mark(other, { verdict: 'approve' })), { includeApproved: true });
    expect(bought(other)).toBe(2);
    expect(said()).toEqual([]);
  });

  it('does not keep one either that the user had made again when it was approved, where a later run goes on with that', async () => {
    const plan = withPrompt(asWritten(), 'new words');
    take(mark(other, { verdict: 'approve' }));
    await batch.run({ remake: true, includeApproved: true, maxMicros: 1 }, plan);
    expect(bought(other)).toBe(1);
    await batch.run({}, plan);
    expect(bought(other)).toBe(2);
  });

  it('counts before a job is staged, too', async () => {
    const onEvent: RunOptions['onEvent'] = (event) => {
      batch.events.push(event);
      const isRemade = event.type === 'job:state' && event.key === other && event.from === 'succeeded';
      if (isRemade && event.to === 'pending') take(mark(other, { verdict: 'approve' }));
    };
    await batch.run({ remake: true, onEvent }, withPrompt(asWritten(), 'new words'));
    expectKept();
    expect(said()).toHaveLength(1);
  });

  it.each([
    ['disagree', () => take(mark(other, { reviewer: 'Ben', verdict: 'approve' })), 'its reviewers disagree by now'],
    [
      'change their minds',
      () => take(mark(other, { verdict: 'approve', atMs: 2000 })),
      'its reviewers approve it by now',
    ],
    [
      'withdraw what they said',
      () => expect(withdrawMarks(batch.store, 'spring', (key) => key === other, 5000)).toHaveLength(1),
      'that it be made again was withdrawn',
    ],
  ])('buys no redo whose reviewers %s', async (_, say, words) => {
    take(...KEYS.map((key) => mark(key)));
    expect((await runMeanwhile(withRedos(asWritten()), say)).exit).toBe(0);
    expectKept();
    expect(said()).toEqual([`${other}: ${words}: it keeps its video, and no other is bought`]);
    // Nor does the next one, whose plan has the redo no more.
    expect((await batch.run({ remake: true }, withRedos(asWritten()))).exit).toBe(0);
    expect(bought(other)).toBe(1);
  });

  it('has a redo that names another route by now made by the next run, as it is asked for then', async () => {
    take(...KEYS.map((key) => mark(key)));
    await runMeanwhile(withRedos(asWritten()), () => take(mark(other, { route: 'acme/other', atMs: 2000 })));
    expectKept();
    expect(jobOf(other).redo).toMatchObject({ route: 'acme/other', waits: true });
  });
});
