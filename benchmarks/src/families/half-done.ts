import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MeasuredRun, measureNode } from '../measure/run-process.js';
import { LOCALIZE } from '../paths.js';
import { fixed, type Section, table } from '../results/section.js';
import { EmulatorProcess } from '../scenery/emulator-process.js';
import { finishAllJobs } from '../scenery/finished-state.js';
import { csvRows, FIRST_KEY, manifestHead } from '../scenery/manifest-text.js';
import { Workspace } from '../scenery/workspace.js';
import type { Family, MeasureOptions } from './family.js';

const JOBS = 100_000;
const QUICK_JOBS = 1_000;
/** Of every so many jobs, one is left to do where most are done. */
const LEFT_OF = 25;
const SLICE_MS = 8_000;
const QUICK_SLICE_MS = 2_000;
const IN_FLIGHT = 100;
const SPEED = 3_000;
const VARIABLES = { EACHLABS_API_KEY: 'benchmark-key' };
const LIMITS = { creates: 1_000_000, per: '1s', concurrent: IN_FLIGHT };
const INTERRUPTED = 130;

/**
 * A slice of a run in the middle of a large batch, and commands beside it: what takes longer the more jobs wait or are
 * done shows neither in a small batch nor in one of which nothing is left. Measured once, whatever the rounds.
 */
export const halfDone: Family = {
  name: 'half-done',
  async measure({ quick, mostJobs, say }) {
    const jobs = Math.min(quick ? QUICK_JOBS : JOBS, mostJobs);
    const workspace = new Workspace();
    const emulator = await EmulatorProcess.startUnlimited(workspace.newFolder(), SPEED);
    try {
      const baseUrl = emulator.endpoints.eachlabs?.baseUrl ?? '';
      const stage = {
        folder: batchOf(jobs, workspace.newFolder(), baseUrl),
        sliceMs: quick ? QUICK_SLICE_MS : SLICE_MS,
      };
      const waiting = await measureHalf(stage, say);
      finishAllJobs(join(stage.folder, '.localize/state.db'), { except: jobs / LEFT_OF });
      say('half-done: the rest is made');
      return section(jobs, waiting, await measureHalf(stage, say));
    } finally {
      await emulator.stop();
      workspace.remove();
    }
  },
};

interface Stage {
  readonly folder: string;
  readonly sliceMs: number;
}

interface Slice {
  readonly firstMs: number;
  readonly aSecond: number;
  readonly exitMs: number;
  readonly peakMb: number;
}

interface Half {
  readonly slice: Slice;
  readonly commands: ReadonlyMap<string, MeasuredRun>;
}

function batchOf(jobs: number, folder: string, baseUrl: string): string {
  const head = manifestHead(`half-${jobs}`, {
    eachlabs: { hosts: { base_url: baseUrl }, limits: LIMITS, poll: { first: '140ms', every: '40ms' } },
  });
  writeFileSync(join(folder, 'rows.csv'), csvRows(jobs));
  writeFileSync(join(folder, 'manifest.yaml'), `${head}  - csv: ./rows.csv\n`);
  return folder;
}

async function measureHalf(stage: Stage, say: MeasureOptions['say']): Promise<Half> {
  // The state has the plan, and has shown it, before it counts.
  await measureNode([LOCALIZE, 'run', '--yes', '--quiet', '--only', FIRST_KEY], {
    cwd: stage.folder,
    variables: VARIABLES,
  });
  const slice = await runSlice(stage);
  say(`half-done: ${fixed(slice.aSecond, 0)} jobs a second, exit in ${fixed(slice.exitMs / 1000, 1)} s`);
  const commands: [string, string[]][] = [
    ['status', ['status', '--quiet']],
    ['logs of one job', ['logs', FIRST_KEY]],
    ['limits', ['limits']],
    ['cancel of one job', ['cancel', '--only', FIRST_KEY]],
    ['retry of one job', ['retry', '--only', FIRST_KEY]],
  ];
  const measured = new Map<string, MeasuredRun>();
  for (const [name, args] of commands) {
    const run = await measureNode([LOCALIZE, ...args], { cwd: stage.folder, variables: VARIABLES });
    measured.set(name, run);
  }
  return { slice, commands: measured };
}

/** A run that is stopped as Ctrl-C does it, some time after its first video. */
async function runSlice({ folder, sliceMs }: Stage): Promise<Slice> {
  const startedAt = performance.now();
  let firstAt: number | null = null;
  let stoppedAt: number | null = null;
  let timer: NodeJS.Timeout | undefined;
  let done = 0;
  const { peakMb } = await measureNode([LOCALIZE, 'run', '--yes', '--json'], {
    cwd: folder,
    variables: VARIABLES,
    // A small batch is done before the slice is over.
    exits: [0, INTERRUPTED],
    onLine: (line, stop) => {
      if (stoppedAt !== null || !line.includes('"job:state"') || !line.includes('"to":"succeeded"')) return;
      done += 1;
      if (firstAt !== null) return;
      firstAt = performance.now();
      timer = setTimeout(() => {
        stoppedAt = performance.now();
        stop();
      }, sliceMs);
    },
  });
  clearTimeout(timer);
  if (firstAt === null) throw new Error('no video was made');
  const endedAt = performance.now();
  const sliceEnd = stoppedAt ?? endedAt;
  return {
    firstMs: firstAt - startedAt,
    aSecond: (done * 1000) / (sliceEnd - firstAt),
    exitMs: endedAt - sliceEnd,
    peakMb,
  };
}

function section(jobs: number, waiting: Half, done: Half): Section {
  const seconds = (ms: number) => fixed(ms / 1000, 2);
  const figures = ({ slice }: Half) => [
    ['start, to the first video, s', seconds(slice.firstMs)],
    ['jobs a second in the slice', fixed(slice.aSecond, 0)],
    ['Ctrl-C, to the exit with all reports, s', seconds(slice.exitMs)],
    ['peak memory of that run, MB', fixed(slice.peakMb, 0)],
  ];
  const rows = figures(waiting).map(([name = '', value = ''], index) => [name, value, figures(done)[index]?.[1] ?? '']);
  const commands = [...waiting.commands].map(([name, before]) => {
    const after = done.commands.get(name);
    const cell = (run: MeasuredRun | undefined) => (run ? `${seconds(run.cpuMs)} s, ${fixed(run.peakMb, 0)} MB` : '-');
    return [`${name}, CPU and memory`, cell(before), cell(after)];
  });
  return {
    title: 'In the middle of a large batch',
    lines: [
      `${jobs.toLocaleString('en')} jobs, of which nearly all wait, or all but one in ${LEFT_OF} are done. The run is stopped`,
      `${SLICE_MS / 1000} s after its first video. Measured once.`,
      '',
      ...table(['', 'nearly all wait', 'nearly all done'], [...rows, ...commands]),
    ],
  };
}
