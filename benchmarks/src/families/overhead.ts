import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { measureShell } from '../measure/measure-shell.js';
import { measureNode } from '../measure/run-process.js';
import { medianOf } from '../measure/statistics.js';
import { CURL_JOB, LOCALIZE, rival } from '../paths.js';
import { fixed, type Section, table } from '../results/section.js';
import type { RivalOrder } from '../rivals/order.js';
import { isInstalled, startRedis } from '../rivals/redis-process.js';
import { EmulatorProcess } from '../scenery/emulator-process.js';
import { manifestHead, yamlVideos } from '../scenery/manifest-text.js';
import { Workspace } from '../scenery/workspace.js';
import type { Family } from './family.js';

const IN_FLIGHT = 100;
/** A prediction of 300 s ± 30 % is done in 100 ms: quick enough that the client is what is measured. */
const SPEED = 3_000;
const POLL = { firstMs: 140, everyMs: 40 };
const KEY = 'benchmark-key';
const CURL_JOBS = 500;

interface Measured {
  readonly jobs: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  /** `null` where many processes share the work. */
  readonly peakMb: number | null;
  readonly redisMb?: number;
}

interface Contestant {
  readonly name: string;
  /** Measures one batch of its own. */
  run(stage: Stage): Promise<Measured>;
}

interface Stage {
  readonly emulator: EmulatorProcess;
  readonly workspace: Workspace;
  readonly jobs: number;
}

/** What one job costs the client, beside what people would use instead; all of them make the same calls. */
export const overhead: Family = {
  name: 'overhead',
  async measure({ rounds, quick, say }) {
    const jobs = quick ? 1000 : 5_000;
    const workspace = new Workspace();
    const emulator = await EmulatorProcess.startUnlimited(workspace.newFolder(), SPEED);
    try {
      const { present, notes } = contestants();
      const measured = present.map((contestant) => ({ contestant, runs: [] as Measured[] }));
      for (let round = 1; round <= rounds; round += 1) {
        for (const { contestant, runs } of measured) {
          say(`overhead, round ${round} of ${rounds}: ${contestant.name}`);
          runs.push(await contestant.run({ emulator, workspace, jobs }));
        }
      }
      return section(measured, notes, jobs);
    } finally {
      await emulator.stop();
      workspace.remove();
    }
  },
};

function contestants(): { present: Contestant[]; notes: string[] } {
  const present: Contestant[] = [
    { name: 'localize', run: runLocalize },
    { name: 'p-queue + undici, keeps no state', run: (stage) => runScript('p-queue', stage) },
    {
      name: 'p-queue + undici, keeps a state, verifies, hashes and syncs',
      run: (stage) => runScript('careful', stage),
    },
  ];
  const notes: string[] = [];
  if (isInstalled('redis-server')) present.push({ name: 'BullMQ on a local Redis', run: runBullmq });
  else notes.push('BullMQ was left out: there is no `redis-server` here (Debian: `apt-get install redis-server`).');
  if (isInstalled('parallel') && isInstalled('curl')) present.push({ name: 'GNU parallel + curl', run: runParallel });
  else notes.push('GNU parallel was left out: it is not here (Debian: `apt-get install parallel curl`).');
  return { present, notes };
}

async function runLocalize({ emulator, workspace, jobs }: Stage): Promise<Measured> {
  const folder = workspace.newFolder();
  const head = manifestHead('overhead', {
    eachlabs: {
      hosts: { base_url: emulator.endpoints.eachlabs?.baseUrl ?? '' },
      limits: { creates: 1_000_000, per: '1s', concurrent: IN_FLIGHT },
      poll: { first: `${POLL.firstMs}ms`, every: `${POLL.everyMs}ms` },
    },
  });
  writeFileSync(join(folder, 'manifest.yaml'), head + yamlVideos(jobs));
  const variables = { EACHLABS_API_KEY: KEY };
  return { jobs, ...(await measureNode([LOCALIZE, 'run', '--yes', '--quiet'], { cwd: folder, variables })) };
}

async function runScript(name: string, stage: Stage): Promise<Measured> {
  const order = await orderFor(stage, stage.jobs);
  return {
    jobs: order.count,
    ...(await measureNode([rival(name), JSON.stringify(order)], { cwd: order.folder })),
  };
}

async function runBullmq(stage: Stage): Promise<Measured> {
  const redis = await startRedis();
  try {
    const order = { ...(await orderFor(stage, stage.jobs)), redis: redis.socket };
    const run = await measureNode([rival('bullmq'), JSON.stringify(order)], { cwd: order.folder });
    return { jobs: order.count, ...run, redisMb: redis.peakMb() };
  } finally {
    await redis.stop();
  }
}

async function runParallel(stage: Stage): Promise<Measured> {
  const count = Math.min(stage.jobs, CURL_JOBS);
  const order = await orderFor(stage, count);
  const seconds = (ms: number) => String(ms / 1000);
  const variables = {
    BASE: order.baseUrl,
    KEY,
    VIDEO: order.video,
    AUDIO: order.audio,
    FIRST: seconds(POLL.firstMs),
    EVERY: seconds(POLL.everyMs),
    FOLDER: order.folder,
  };
  const command = `seq ${count} | parallel --will-cite -j ${IN_FLIGHT} ${CURL_JOB} {}`;
  return { jobs: count, ...(await measureShell(command, { cwd: order.folder, variables })), peakMb: null };
}

async function orderFor({ emulator, workspace }: Stage, count: number): Promise<RivalOrder> {
  const folder = workspace.newFolder();
  const outputs = join(folder, 'outputs');
  mkdirSync(outputs);
  return {
    baseUrl: emulator.endpoints.eachlabs?.baseUrl ?? '',
    key: KEY,
    video: await emulator.putFile(join(folder, 'face.mp4'), 'face.mp4'),
    audio: await emulator.putFile(join(folder, 'voice.wav'), 'voice.wav'),
    count,
    concurrent: IN_FLIGHT,
    pollFirstMs: POLL.firstMs,
    pollEveryMs: POLL.everyMs,
    folder: outputs,
  };
}

function section(
  measured: readonly { contestant: Contestant; runs: readonly Measured[] }[],
  notes: readonly string[],
  jobs: number,
): Section {
  const [own] = measured;
  const cpu = ({ cpuMs, jobs: made }: Measured) => cpuMs / made;
  const rows = measured.map(({ contestant, runs }) => {
    // Each round is compared within itself: what else the machine did then touched all of it.
    const beside = medianOf(
      runs.map((run, round) => cpu(own?.runs[round] ?? run) / cpu(run)),
      (ratio) => ratio,
    );
    const redisMb = runs.map((run) => run.redisMb ?? 0);
    const peak = runs.some((run) => run.peakMb === null)
      ? '-'
      : fixed(
          medianOf(runs, (run) => run.peakMb ?? 0),
          0,
        );
    const redis =
      Math.max(...redisMb) > 0
        ? ` + ${fixed(
            medianOf(redisMb, (mb) => mb),
            0,
          )} of Redis`
        : '';
    return [
      contestant.name,
      String(runs[0]?.jobs ?? 0),
      fixed(medianOf(runs, cpu), 2),
      fixed(
        medianOf(runs, (run) => (run.jobs / run.wallMs) * 1000),
        0,
      ),
      `${peak}${redis}`,
      own?.contestant === contestant ? '' : fixed(beside, 2),
    ];
  });
  const columns = ['', 'jobs', 'CPU a job, ms', 'jobs a second', 'peak memory, MB', 'CPU of localize / this'];
  return {
    title: 'Overhead',
    lines: [
      `${jobs} jobs without limits, ${IN_FLIGHT} in flight, first poll after ${POLL.firstMs} ms and then every ${POLL.everyMs} ms.`,
      'CPU is user and system time of the client alone. localize also stages, keeps state, verifies and hashes.',
      '',
      ...table(columns, rows),
      ...notes.flatMap((note) => ['', note]),
    ],
  };
}
