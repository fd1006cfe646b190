import { rm } from 'node:fs/promises';
import type { StatusResult } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

/** Answers `running` once before the prediction is completed. */
function runOnce(): void {
  const running: StatusResult = { state: 'pending', phase: 'running' };
  const { statuses } = batch.scripted;
  statuses.set('prediction-1', running);
  const { status } = batch.scripted.provider;
  batch.scripted.provider.status = async (...asked) => {
    const answer = await status(...asked);
    statuses.delete('prediction-1');
    return answer;
  };
}

describe('what a run records for its report', () => {
  it('is which run made an attempt, and each phase of it in order', async () => {
    runOnce();
    const { runId } = await batch.run();
    const [attempt] = batch.job().attempts;
    expect(attempt?.runId).toBe(runId);
    const { phases } = attempt!;
    const times = [
      phases?.stagingAtMs,
      phases?.stagedAtMs,
      attempt?.createdAtMs,
      attempt?.acceptedAtMs,
      phases?.runningAtMs,
      attempt?.endedAtMs,
      phases?.downloadAtMs,
      phases?.downloadedAtMs,
    ];
    expect(times).not.toContain(null);
    expect(times).not.toContain(undefined);
    expect(times).toEqual([...times].sort((a, b) => Number(a) - Number(b)));
  });

  it('keeps the order in which slots were given back and taken, though two clocks are never read at the same time', async () => {
    let looks = 0;
    const clock = { ...systemClock(), wallMs: () => Date.now() + ((looks++ * 5) % 15) };
    await batch.run({ clock }, batch.plan(['de', 'fr', 'ja', 'es']));
    const sql = 'SELECT count(*) AS attempts, count(DISTINCT wall_ahead) AS clocks FROM attempts';
    expect(batch.store.sqlite.prepare(sql).get()).toEqual({ attempts: 4, clocks: 1 });
  });

  it('is what was measured in the output', async () => {
    await batch.run();
    expect(batch.job().measured).toMatchObject({ width: 1280, height: 720, hasAudio: true });
    expect(batch.job().measured?.audioDurationMs).toBeGreaterThan(4000);
  });

  it('stays the first download when a deleted output is fetched again, with both runs written down', async () => {
    await batch.run();
    const first = batch.job().attempts[0]?.phases;
    await rm(batch.job().output!);
    await batch.run();
    const { state, attempts } = batch.job();
    expect([state, attempts.length]).toEqual(['succeeded', 1]);
    expect(attempts[0]?.phases).toEqual(first);
    expect(attempts[0]?.fetchedBy).toEqual(batch.snapshot().runs.map(({ id }) => id));
  });
});
