import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEmulator } from '@localize/emulator';
import { readPageSnapshot } from '@localize/report';
import { describe, expect, test } from 'vitest';
import { folderWith, localize, REPOSITORY, startLocalize, waitUntil } from './support/cli.js';

interface Job {
  readonly key: string;
  readonly state: string;
  readonly attempts: readonly { readonly state: string }[];
}

describe('a killed run', { timeout: 180_000 }, () => {
  test('of the demo is finished by the next one without one extra create', async () => {
    const folder = folderWith({}, { media: true });
    cpSync(join(REPOSITORY, 'manifests/demo.yaml'), join(folder, 'demo.yaml'));
    const running = startLocalize(folder, ['demo.yaml', '--verbose']);
    const count = (words: string) => running.stderr().split(words).length - 1;
    // Between two creates: one that is out when the process dies is uncertain, which is a test of its own.
    await waitUntil(() => count(': accepted') >= 8 && count(': accepted') === count(': intended'), running.stderr);
    running.child.kill('SIGKILL');
    expect((await running.finished).exit).toBe('SIGKILL');
    const unsettled = (await jobsOf(folder)).filter((job) =>
      job.attempts.some(({ state }) => state === 'intended' || state === 'uncertain'),
    );

    const next = await localize(folder, ['demo.yaml', '--verbose']);
    await pageOfTheKilledRun(folder);
    const jobs = await jobsOf(folder);
    const finished = jobs.filter((job) => job.state === 'succeeded');
    const held = jobs.filter((job) => job.state === 'held').map((job) => job.key);
    // The demo says `absent`: what had not reached the provider when the process died is bought once more.
    const again = jobs.filter((job) => job.attempts.length > 1).map((job) => job.key);
    expect(unsettled.map((job) => job.key)).toEqual(expect.arrayContaining([...held, ...again]));
    expect([next.exit, finished.length]).toEqual([held.length === 0 ? 0 : 1, 14 - held.length]);
    expect(await createsOf(folder)).toEqual({
      bought: expect.toSatisfy((n) => n >= finished.length && n <= 14),
      refused: 0,
    });
  });
});

/** What it did and left, and nothing of what the next one did. */
async function pageOfTheKilledRun(folder: string): Promise<void> {
  const runs = join(folder, 'localized/demo.emulated/report/runs');
  const pages = readdirSync(runs).map((name) => readPageSnapshot(readFileSync(join(runs, name), 'utf8')));
  const killed = pages.find((page) => page?.runs.length === 1);
  expect(pages).toHaveLength(2);
  expect(killed?.runs[0]?.endedWhy).toBe('killed');
  expect(killed?.jobs.flatMap(({ attempts }) => attempts).every(({ runId }) => runId === killed.runs[0]?.id)).toBe(
    true,
  );
  expect(killed?.jobs.some(({ state }) => state !== 'succeeded')).toBe(true);
}

async function jobsOf(folder: string): Promise<Job[]> {
  return JSON.parse((await localize(folder, ['status', 'demo.yaml', '--json'])).stdout).jobs;
}

async function createsOf(folder: string) {
  const emulator = await startEmulator({ dir: join(folder, '.localize/emulator/demo') });
  try {
    const { creates, limiterRefusals } = emulator.ledger();
    return { bought: creates.filter((create) => create.predictionId !== null).length, refused: limiterRefusals };
  } finally {
    await emulator.close();
  }
}
