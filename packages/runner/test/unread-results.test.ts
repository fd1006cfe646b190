import { chmodSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { WholePlan } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { foreseeRun } from '../src/index.js';
import { asUser, batchOfUser, giveToUser, planOfUser, runAsUser } from '../testing/as-user.js';
import type { BatchFixture } from '../testing/batch-fixture.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchOfUser();
});
afterEach(() => batch.close());

/** Each language has a folder. */
function planOf(name: string, languages: readonly string[]): WholePlan {
  const plan = planOfUser(batch, name, languages);
  return { ...plan, jobs: plan.jobs.map((job) => ({ ...job, output: `${job.language}/video.mp4` })) };
}

const run = (plan: WholePlan) => runAsUser(batch, plan);
const jobsOf = (name: string) => batch.snapshot(name).jobs;
const at = (path: string) => join(batch.dir, 'localized', path);
const foresee = (plan: WholePlan) =>
  asUser(() => foreseeRun(batch.store, plan, { caps: [], wanted: () => true, nowMs: Date.now() }));

describe('what a lost state has paid for under another name', () => {
  it.each([
    ['a folder of it', 'winter/de'],
    ['a sidecar', 'winter/de/video.mp4.json'],
  ])('is not bought again while %s may not be read: the plan and the run name that', async (_, closed) => {
    await run(planOf('winter', ['de', 'fr']));
    batch.loseState();
    chmodSync(at(closed), 0o000);
    const renamed = planOf('summer', ['de', 'fr']);
    const why = `${at(closed)} may not be read (permission denied), and what was paid for before may lie there`;
    expect([...(await foresee(renamed)).taken]).toEqual([['keynote/de', expect.stringContaining(why)]]);
    for (let again = 0; again < 2; again += 1) {
      expect((await run(renamed)).exit).toBe(1);
      expect(jobsOf('summer')).toMatchObject([
        { state: 'held', holdReason: 'place-taken', reason: expect.stringContaining(why) },
        { state: 'succeeded' },
      ]);
    }
    expect(batch.scripted.starts).toHaveLength(2);
    chmodSync(at(closed), 0o755);
    expect((await run(renamed)).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('keeps nothing from being bought where the state knows what lies there, or it is a system’s own folder', async () => {
    await run(planOf('winter', ['de']));
    mkdirSync(at('lost+found'));
    chmodSync(at('lost+found'), 0o000);
    chmodSync(at('winter/de'), 0o000);
    expect((await foresee(planOf('summer', ['de', 'fr']))).taken.size).toBe(0);
    expect((await run(planOf('summer', ['de', 'fr']))).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
    chmodSync(at('winter/de'), 0o755);
  });
});

describe('a folder to adopt of which something may not be read', () => {
  it('has the rest taken in, and that is named', async () => {
    await run(planOf('winter', ['de', 'fr', 'ja']));
    batch.loseState();
    const away = join(batch.dir, 'away');
    renameSync(at('winter'), away);
    mkdirSync(join(away, 'closed'));
    giveToUser(batch.dir);
    for (const name of ['closed', 'fr/video.mp4', 'ja/video.mp4.json']) chmodSync(join(away, name), 0o000);
    const { adopted, missing, refused } = await asUser(() => batch.adopt(away, planOf('winter', ['de', 'fr', 'ja'])));
    expect({ adopted, missing }).toEqual({ adopted: ['keynote/de'], missing: ['keynote/fr', 'keynote/ja'] });
    const reason = 'it may not be read (permission denied)';
    expect(refused).toEqual(
      ['closed', 'fr/video.mp4', 'ja/video.mp4.json'].map((name) => ({
        path: join(away, name),
        reason,
        unusable: true,
      })),
    );
  });
});
