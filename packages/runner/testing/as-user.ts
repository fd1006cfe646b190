import { chownSync, copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { WholePlan } from '@localize/core';
import type { RunOptions } from '../src/index.js';
import { type BatchFixture, batchFixture, MEDIA } from './batch-fixture.js';

const NOBODY = 65_534;

/** Modes mean nothing to the superuser, who is somebody else meanwhile. */
export async function asUser<T>(look: () => T | Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    return await look();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

/** Makes a folder and all in it that user's own. */
export function giveToUser(folder: string): void {
  if (process.geteuid?.() !== 0) return;
  for (const name of ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })])
    chownSync(join(folder, name), NOBODY, NOBODY);
}

/**
 * A batch whose picture lies in its own folder. Another one is run before it, so that all modules are loaded: that user
 * need not be able to read the checkout.
 */
export async function batchOfUser(): Promise<BatchFixture> {
  const before = await batchFixture();
  await before.run();
  await before.close();
  const batch = await batchFixture();
  copyFileSync(join(MEDIA, 'welcome.mp4'), join(batch.dir, 'welcome.mp4'));
  return batch;
}

/** A plan for it: all that a run of it reads is that user's own. */
export function planOfUser(batch: BatchFixture, name: string, languages: readonly string[]): WholePlan {
  const plan = batch.plan(languages, { batch: name });
  const video = { kind: 'file', path: join(batch.dir, 'welcome.mp4') } as const;
  return { ...plan, jobs: plan.jobs.map((job) => ({ ...job, video })) };
}

/** Runs it as that user. */
export function runAsUser(batch: BatchFixture, plan: WholePlan, options: Partial<RunOptions> = {}) {
  giveToUser(batch.dir);
  return asUser(() => batch.run(options, plan));
}
