import { execFileSync } from 'node:child_process';
import { copyFileSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WholePlan } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formerNameAtWork, PlanLook } from '../src/index.js';
import { type BatchFixture, batchFixture, MEDIA, withPrompt } from '../testing/batch-fixture.js';
import { oneSlotPlan } from '../testing/one-slot-batches.js';

let batch: BatchFixture;
let manifestPath: string;
/** Where a test has moved or linked it. */
let other: string;
beforeEach(async () => {
  batch = await batchFixture();
  manifestPath = join(batch.dir, 'project', 'manifest.yaml');
  other = join(batch.dir, 'project', 'other.yaml');
  mkdirSync(join(batch.dir, 'project'));
  writeFileSync(manifestPath, 'batch: winter');
});
afterEach(() => batch.close());

const planOf = (name: string, languages: readonly string[]) => oneSlotPlan(batch, name, languages);

/** A run whose first create has left, and whose reply is still to come. */
async function atWork(plan = planOf('winter', ['de', 'fr'])) {
  let reply = () => {};
  batch.scripted.gate.open = new Promise((resolve) => {
    reply = resolve;
  });
  const ended = batch.run({ manifestPath }, plan);
  await expect.poll(() => batch.scripted.starts.length).toBe(1);
  return async () => {
    reply();
    expect((await ended).exit).toBe(0);
  };
}

async function expectRefused(path: string, plan: WholePlan) {
  const asking = { plan, manifestPath: path };
  expect(await formerNameAtWork(batch.store, asking, new PlanLook(batch.store, plan))).toContain(
    'the batch winter, as this manifest was named, is at work',
  );
  await expect(batch.run({ manifestPath: path }, plan)).rejects.toMatchObject({
    code: 'BATCH_LOCKED',
    message: expect.stringContaining('the batch winter is held by process'),
  });
}

describe('a manifest that was given another name while its run is at work', () => {
  it.each([
    ['a link to it', () => symlinkSync(manifestPath, other)],
    ['a hard link to it', () => linkSync(manifestPath, other)],
    [
      'a link to its folder',
      () => {
        symlinkSync(join(batch.dir, 'project'), join(batch.dir, 'linked'));
        other = join(batch.dir, 'linked', 'manifest.yaml');
      },
    ],
    ['a move', () => renameSync(manifestPath, other)],
    [
      'a copy whose original is gone',
      () => {
        copyFileSync(manifestPath, other);
        rmSync(manifestPath);
      },
    ],
    [
      'a move after which another manifest took its place',
      () => {
        renameSync(manifestPath, other);
        writeFileSync(manifestPath, 'batch: autumn');
      },
    ],
    [
      'a move after which a folder took its place',
      () => {
        renameSync(manifestPath, other);
        mkdirSync(manifestPath);
      },
    ],
    [
      'a move after which one that names it in a comment took its place',
      () => {
        renameSync(manifestPath, other);
        writeFileSync(manifestPath, 'batch: autumn # formerly batch: winter');
      },
    ],
    [
      'a move after which one of the same name for other videos took its place',
      () => {
        renameSync(manifestPath, other);
        writeFileSync(manifestPath, 'batch: winter\nvideos: []');
      },
    ],
    [
      'a move after which a pipe took its place',
      () => {
        renameSync(manifestPath, other);
        execFileSync('mkfifo', [manifestPath]);
      },
    ],
    [
      'a copy whose original was rewritten',
      () => {
        copyFileSync(manifestPath, other);
        writeFileSync(manifestPath, 'batch: winter\nvideos: []');
      },
    ],
  ])('is refused by %s too, and takes the results afterwards', async (_, reach) => {
    const end = await atWork();
    reach();
    await expectRefused(other, planOf('summer', ['de', 'fr']));
    // What the first has not bought yet, it is about to buy.
    await expectRefused(other, planOf('summer', ['fr']));
    await end();
    expect((await batch.run({ manifestPath: other }, planOf('summer', ['de', 'fr']))).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('is refused where its files were moved with it', async () => {
    const end = await atWork();
    renameSync(manifestPath, other);
    const video = join(batch.dir, 'project', 'moved.mp4');
    copyFileSync(join(MEDIA, 'welcome.mp4'), video);
    const plan = planOf('summer', ['de']);
    const moved = {
      ...plan,
      jobs: plan.jobs.map((job) => ({ ...job, video: { kind: 'file' as const, path: video } })),
    };
    await expectRefused(other, moved);
    await end();
  });
});

describe('another manifest in the folder of one that is gone while its run is at work', () => {
  const isFree = async (plan: WholePlan, only?: (key: string) => boolean) => {
    const asking = { plan, manifestPath: other, only };
    return (await formerNameAtWork(batch.store, asking, new PlanLook(batch.store, plan))) === null;
  };

  it('is run where it asks for other jobs, or for none of those that both have', async () => {
    const end = await atWork();
    renameSync(manifestPath, other);
    expect(await isFree(planOf('summer', ['es']))).toBe(true);
    expect(await isFree(withPrompt(planOf('summer', ['de', 'fr']), 'another'))).toBe(true);
    expect(await isFree(planOf('summer', ['es', 'fr']))).toBe(false);
    expect(await isFree(planOf('summer', ['es', 'fr']), (key) => key === 'keynote/es')).toBe(true);
    const second = batch.run({ manifestPath: other }, planOf('summer', ['es']));
    await end();
    expect((await second).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(3);
  });

  it('is another batch as long as the first is there, untouched', async () => {
    const end = await atWork();
    copyFileSync(manifestPath, other);
    expect(await isFree(planOf('summer', ['de', 'fr']))).toBe(true);
    await end();
  });
});
