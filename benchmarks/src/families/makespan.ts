import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { idealSchedule, type LaneLimit, leastMakespanMs, makespanMs } from '../bound/ideal-schedule.js';
import { run } from '../measure/run-process.js';
import { median, medianOf } from '../measure/statistics.js';
import { LOCALIZE } from '../paths.js';
import { fixed, type Section, table } from '../results/section.js';
import { EmulatorProcess, type Ledger } from '../scenery/emulator-process.js';
import { manifestHead, type ProviderEntry } from '../scenery/manifest-text.js';
import { Workspace } from '../scenery/workspace.js';
import { writeWav } from '../scenery/write-wav.js';
import type { Family } from './family.js';
import { type JobOrder, type LaneSetting, SCENARIOS, type Scenario } from './makespan-scenarios.js';

interface Measured {
  readonly makespanMs: number;
  readonly boundMs: number;
  /** What no order of the jobs could beat. */
  readonly leastMs: number;
  /** Creates that the emulator's limiter refused. */
  readonly refused: number;
}

/** How close a whole batch comes to the least time that its limits allow, in real time against the emulator. */
export const makespan: Family = {
  name: 'makespan',
  async measure({ rounds, quick, say }) {
    const measured = SCENARIOS.map((scenario) => ({ scenario, runs: [] as Measured[] }));
    for (let round = 1; round <= (quick ? 1 : rounds); round += 1) {
      for (const { scenario, runs } of measured) {
        say(`makespan, round ${round} of ${rounds}: ${scenario.name}`);
        const done = await runScenario(quick ? { ...scenario, jobs: scenario.jobs.slice(0, 20) } : scenario);
        say(
          `  ${fixed(done.makespanMs / 1000, 2)} s, bound ${fixed(done.boundMs / 1000, 2)} s, ${done.refused} refused`,
        );
        runs.push(done);
      }
    }
    return section(measured);
  },
};

async function runScenario(scenario: Scenario): Promise<Measured> {
  const workspace = new Workspace();
  const emulator = await EmulatorProcess.start({
    dir: join(workspace.newFolder(), 'emulator'),
    speed: scenario.speed,
    limits: Object.fromEntries(Object.entries(scenario.lanes).map(([provider, { limit }]) => [provider, limit])),
  });
  try {
    const folder = workspace.newFolder();
    writeFileSync(join(folder, 'manifest.yaml'), manifestOf(scenario, emulator));
    for (const seconds of new Set(scenario.jobs.map((job) => job.seconds))) {
      writeWav(join(folder, voiceName(seconds)), seconds);
    }
    const endedAt = await lastSuccess(folder, scenario);
    return judge(scenario, await emulator.ledger(), endedAt);
  } finally {
    await emulator.stop();
    workspace.remove();
  }
}

/** Runs the batch. @returns when its last job succeeded, in epoch milliseconds */
async function lastSuccess(folder: string, { lanes }: Scenario): Promise<number> {
  let [endedAt, succeeded] = [0, 0];
  await run(process.execPath, [LOCALIZE, 'run', '--yes', '--json'], {
    cwd: folder,
    variables: variablesOf(lanes),
    onLine: (line) => {
      if (!line.includes('"to":"succeeded"')) return;
      succeeded += 1;
      endedAt = (JSON.parse(line) as { atMs: number }).atMs;
    },
  });
  if (succeeded === 0) throw new Error('no job succeeded');
  return endedAt;
}

function judge({ lanes }: Scenario, ledger: Ledger, endedAt: number): Measured {
  const arrivals = new Map(ledger.creates.map((create) => [create.predictionId, create]));
  const startedAt = Math.min(...ledger.creates.map(({ arrivedAt }) => arrivedAt));
  const latencyMs = median(ledger.creates.map(({ arrivedAt, answeredAt }) => (answeredAt ?? arrivedAt) - arrivedAt));
  const bounds = Object.entries(lanes).map(([provider, { limit, keys }]) => {
    const all: LaneLimit[] = keys.map(() => limit);
    const holds = ledger.predictions
      .filter((prediction) => prediction.provider === provider)
      .map(({ id, createdAt, finishesAt }) => finishesAt - (arrivals.get(id)?.arrivedAt ?? createdAt));
    return {
      ideal: makespanMs(idealSchedule(all, holds, latencyMs)),
      least: leastMakespanMs(all, holds, latencyMs),
    };
  });
  return {
    makespanMs: endedAt - startedAt,
    // Providers don't share limits, so the slowest alone decides. Its last video is fetched with one more message.
    boundMs: Math.max(...bounds.map(({ ideal }) => ideal)) + latencyMs,
    leastMs: Math.max(...bounds.map(({ least }) => least)) + latencyMs,
    refused: ledger.creates.filter(({ reason, status }) => reason === 'refused-by-limit' || status === 429).length,
  };
}

function manifestOf({ lanes, jobs }: Scenario, emulator: EmulatorProcess): string {
  const providers = Object.entries(lanes).map(([id, lane]) => [id, entryOf(id, lane, emulator)] as const);
  return manifestHead('makespan', Object.fromEntries(providers), emulator.bucket) + jobs.map(videoText).join('');
}

function entryOf(id: string, { limit, keys, poll }: LaneSetting, emulator: EmulatorProcess): ProviderEntry {
  const { creates, perMs, concurrent } = limit;
  const { baseUrl = '', uploadUrl, platformUrl } = emulator.endpoints[id] ?? {};
  return {
    hosts: {
      base_url: baseUrl,
      ...(uploadUrl ? { upload_url: uploadUrl } : {}),
      ...(platformUrl ? { platform_url: platformUrl } : {}),
    },
    keys,
    limits: { creates, per: `${perMs}ms`, concurrent },
    poll,
  };
}

function videoText({ provider, seconds }: JobOrder, index: number): string {
  const track = { audio: `./${voiceName(seconds)}`, duration: `${seconds}s`, seed: index + 1, provider };
  return `  - { id: v${index}, source: ./face.mp4, duration: 2s, tracks: { de: ${JSON.stringify(track)} } }\n`;
}

function voiceName(seconds: number): string {
  return `voice-${seconds}.wav`;
}

function variablesOf(lanes: Scenario['lanes']): Record<string, string> {
  const names = Object.values(lanes).flatMap(({ keys }) => keys);
  return {
    ...Object.fromEntries(names.map((name) => [name, `benchmark-${name}`])),
    AWS_ACCESS_KEY_ID: 'benchmark',
    AWS_SECRET_ACCESS_KEY: 'benchmark',
  };
}

function section(measured: readonly { scenario: Scenario; runs: readonly Measured[] }[]): Section {
  const seconds = (ms: number) => fixed(ms / 1000, 2);
  const rows = measured.map(({ scenario, runs }) => [
    `${scenario.name}: ${scenario.words}`,
    String(scenario.jobs.length),
    seconds(medianOf(runs, (one) => one.makespanMs)),
    seconds(medianOf(runs, (one) => one.boundMs)),
    fixed(
      medianOf(runs, (one) => one.makespanMs / one.boundMs),
      3,
    ),
    fixed(
      medianOf(runs, (one) => one.makespanMs / one.leastMs),
      3,
    ),
    String(runs.reduce((sum, one) => sum + one.refused, 0)),
  ]);
  const columns = ['', 'jobs', 'makespan, s', 'bound, s', 'ratio', 'to any order', '429s in all rounds'];
  return {
    title: 'Makespan',
    lines: [
      'From the first create’s arrival at the emulator to the last job’s success, every output downloaded and verified.',
      'The bound is the ideal schedule of the very predictions that the emulator drew (`src/bound/ideal-schedule.ts`): the',
      'jobs in their order, no cost of the client’s own, and word of every end as soon as a message can bring it. “To any',
      'order” is the ratio to a time that no order of the jobs could beat.',
      '',
      ...table(columns, rows),
    ],
  };
}
