import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../measure/run-process.js';
import { medianOf } from '../measure/statistics.js';
import { LOCALIZE, rival } from '../paths.js';
import { fixed, type Section, table } from '../results/section.js';
import type { RivalOrder } from '../rivals/order.js';
import { isInstalled, startRedis } from '../rivals/redis-process.js';
import { EmulatorProcess } from '../scenery/emulator-process.js';
import { manifestHead, yamlVideos } from '../scenery/manifest-text.js';
import { Workspace } from '../scenery/workspace.js';
import type { Family } from './family.js';
import { TRIALS, type Trial } from './promise-trials.js';

const SPEED = 300;
const POLL = { firstMs: 700, everyMs: 200 };
const KEY = 'benchmark-key';
/** A job may end without its video, which is what is measured. */
const EXITS = [0, 1];
const NAMES: Readonly<Record<string, string>> = {
  'fal-client': '`@fal-ai/client`',
  'wavespeed-client': '`wavespeed`',
  'p-queue': 'p-queue, strict interval',
  bullmq: 'BullMQ, its limiter',
};

/** What one client made of one batch. */
interface Kept {
  /** Predictions that the provider billed. */
  readonly paid: number;
  /** Videos on the disk. */
  readonly videos: number;
  /** Creates that the provider's limiter refused. */
  readonly refused: number;
  readonly wallMs: number;
}

interface Stage {
  readonly trial: Trial;
  readonly jobs: number;
  readonly emulator: EmulatorProcess;
  readonly folder: string;
}

/** What is paid for, and what is there for it, where replies are lost and limits are strict. */
export const promises: Family = {
  name: 'promises',
  async measure({ rounds, quick, say }) {
    const measured = TRIALS.flatMap((trial) =>
      trial.clients.filter(isPresent).map((client) => ({ trial, client, runs: [] as Kept[] })),
    );
    for (let round = 1; round <= rounds; round += 1) {
      for (const { trial, client, runs } of measured) {
        say(`promises, round ${round} of ${rounds}: ${client} at ${trial.provider}`);
        runs.push(await runTrial(trial, client, { round, jobs: quick ? 20 : trial.jobs }));
      }
    }
    return section(measured);
  },
};

function isPresent(client: string): boolean {
  return client !== 'bullmq' || isInstalled('redis-server');
}

/** One client's batch, at an emulator of its own: what it bills is of this batch alone. */
async function runTrial(trial: Trial, client: string, { round, jobs }: { round: number; jobs: number }): Promise<Kept> {
  const workspace = new Workspace();
  const { provider, limit, faults } = trial;
  const limits = { [provider]: limit };
  const emulator = await EmulatorProcess.start({
    dir: join(workspace.newFolder(), 'emulator'),
    speed: SPEED,
    limits,
    faults,
    seed: round,
  });
  try {
    const stage = { trial, jobs, emulator, folder: workspace.newFolder() };
    const startedAt = performance.now();
    const outputs = client === 'localize' ? await runLocalize(stage) : await runRival(client, stage);
    const wallMs = performance.now() - startedAt;
    const { predictions, creates } = await settledLedger(emulator);
    return {
      paid: predictions.filter(({ charged }) => charged).length,
      videos: countVideos(outputs),
      refused: creates.filter(({ reason }) => reason === 'refused-by-limit').length,
      wallMs,
    };
  } finally {
    await emulator.stop();
    workspace.remove();
  }
}

/** @returns the folder of its videos */
async function runLocalize({ trial, jobs, emulator, folder }: Stage): Promise<string> {
  const { provider, limit, variable, settings } = trial;
  const { baseUrl = '', uploadUrl, platformUrl } = emulator.endpoints[provider] ?? {};
  const hosts = {
    base_url: baseUrl,
    ...(uploadUrl ? { upload_url: uploadUrl } : {}),
    ...(platformUrl ? { platform_url: platformUrl } : {}),
  };
  const { creates, perMs, concurrent } = limit;
  const head = manifestHead('promises', {
    [provider]: {
      hosts,
      ...settings,
      limits: { creates: creates ?? 1_000_000, per: `${perMs ?? 1_000}ms`, concurrent: concurrent ?? 10 },
      poll: { first: `${POLL.firstMs}ms`, every: `${POLL.everyMs}ms` },
    },
  });
  writeFileSync(join(folder, 'manifest.yaml'), head + yamlVideos(jobs));
  const variables = { [variable]: KEY };
  await run(process.execPath, [LOCALIZE, 'run', '--yes', '--quiet'], { cwd: folder, variables, exits: EXITS });
  return join(folder, 'localized');
}

/** @returns the folder of its videos */
async function runRival(name: string, { trial, jobs, emulator, folder }: Stage): Promise<string> {
  const outputs = join(folder, 'outputs');
  mkdirSync(outputs);
  const { creates, perMs, concurrent } = trial.limit;
  const order: RivalOrder = {
    baseUrl: emulator.endpoints[trial.provider]?.baseUrl ?? '',
    key: KEY,
    video: await emulator.putFile(join(folder, 'face.mp4'), 'face.mp4'),
    audio: await emulator.putFile(join(folder, 'voice.wav'), 'voice.wav'),
    count: jobs,
    concurrent: concurrent ?? 10,
    ...(creates === null ? {} : { limit: { creates, perMs: perMs ?? 1_000 } }),
    pollFirstMs: POLL.firstMs,
    pollEveryMs: POLL.everyMs,
    folder: outputs,
  };
  const redis = name === 'bullmq' ? await startRedis() : null;
  try {
    const whole = redis === null ? order : { ...order, redis: redis.socket };
    await run(process.execPath, [rival(name), JSON.stringify(whole)], { cwd: outputs, exits: EXITS });
  } finally {
    await redis?.stop();
  }
  return outputs;
}

/** The books once nothing is under way any more: what was abandoned is billed too. */
async function settledLedger(emulator: EmulatorProcess) {
  for (;;) {
    const ledger = await emulator.ledger();
    if (ledger.predictions.every(({ finishesAt }) => finishesAt < Date.now())) return ledger;
    await sleep(200);
  }
}

function countVideos(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.mp4')).length;
}

function section(measured: readonly { trial: Trial; client: string; runs: readonly Kept[] }[]): Section {
  const rows = measured.map(({ trial, client, runs }) => {
    const middle = (of: (kept: Kept) => number) => fixed(medianOf(runs, of), 0);
    const lost = (kept: Kept) => kept.paid - kept.videos;
    const figures = [middle((kept) => kept.paid), middle((kept) => kept.videos), middle(lost)];
    const [refused, seconds] = [middle((kept) => kept.refused), middle((kept) => kept.wallMs / 1000)];
    return [trial.words, NAMES[client] ?? client, String(trial.jobs), ...figures, refused, seconds];
  });
  const columns = ['', 'client', 'jobs', 'paid', 'videos', 'paid in vain', 'creates refused (429)', 's'];
  return {
    title: 'Promises',
    lines: [
      'Each client makes the same batch as its makers ship it, at an emulator of its own with the same seed. “Paid” are',
      'predictions that were billed, “paid in vain” those of them of which no video came to the disk. The others go on after a',
      'lost reply as if nothing had been bought, or give the job up; localize looks for it in the provider’s list, and after two',
      'in a row it takes 30 s and more for an outage to end before it sends another, which is most of its time here.',
      '',
      ...table(columns, rows),
    ],
  };
}
