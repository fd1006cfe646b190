import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MeasuredRun, measureNode } from '../measure/run-process.js';
import { medianOf } from '../measure/statistics.js';
import { LOCALIZE } from '../paths.js';
import { fixed, type Section, table } from '../results/section.js';
import { EmulatorProcess } from '../scenery/emulator-process.js';
import { finishAllJobs } from '../scenery/finished-state.js';
import { csvRows, FIRST_KEY, manifestHead, yamlVideos } from '../scenery/manifest-text.js';
import { Workspace } from '../scenery/workspace.js';
import type { Family, MeasureOptions } from './family.js';

const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const QUICK_SIZES = [100, 1_000];
/** Up to here a run really makes all its videos; beyond, a state in which it has made one is filled up. */
const RUN_UP_TO = 1_000;
/** Beyond, only what the issue of so many jobs is about: to plan them. */
const ALL_STEPS_UP_TO = 100_000;
const IN_FLIGHT = 100;
const SPEED = 3_000;
const VARIABLES = { EACHLABS_API_KEY: 'benchmark-key' };
const INTERRUPTED = 130;

/** Steps that take so long at this size that one round has to do. */
const ONE_ROUND_FROM = 1_000_000;

interface Figure {
  readonly ms: number;
  readonly cpuMs: number;
  readonly peakMb: number;
}

/** Figures of one size by what was measured, in the order in which it was. */
type Figures = ReadonlyMap<string, Figure>;

/** How time and memory grow with the number of jobs, which lie in a CSV file unless said otherwise. */
export const size: Family = {
  name: 'size',
  async measure(options) {
    const workspace = new Workspace();
    const emulator = await EmulatorProcess.startUnlimited(workspace.newFolder(), SPEED);
    try {
      const measured: { jobs: number; figures: Figures }[] = [];
      const sizes = (options.quick ? QUICK_SIZES : SIZES).filter((jobs) => jobs <= options.mostJobs);
      for (const jobs of sizes) {
        const stage: Stage = { jobs, folder: batchOf(jobs, workspace, emulator), figures: new Map(), options };
        await measureSize(stage);
        measured.push(stage);
      }
      return section(measured);
    } finally {
      await emulator.stop();
      workspace.remove();
    }
  },
};

interface Stage {
  readonly jobs: number;
  readonly folder: string;
  readonly figures: Map<string, Figure>;
  readonly options: MeasureOptions;
}

/** A folder with a batch of so many jobs in it, as a CSV file and as YAML. */
function batchOf(jobs: number, workspace: Workspace, emulator: EmulatorProcess): string {
  const folder = workspace.newFolder();
  const head = manifestHead(`size-${jobs}`, {
    eachlabs: {
      hosts: { base_url: emulator.endpoints.eachlabs?.baseUrl ?? '' },
      limits: { creates: 1_000_000, per: '1s', concurrent: IN_FLIGHT },
      poll: { first: '140ms', every: '40ms' },
    },
  });
  writeFileSync(join(folder, 'rows.csv'), csvRows(jobs));
  writeFileSync(join(folder, 'manifest.yaml'), `${head}  - csv: ./rows.csv\n`);
  if (jobs <= ALL_STEPS_UP_TO) writeFileSync(join(folder, 'all.yaml'), head + yamlVideos(jobs));
  return folder;
}

async function measureSize(stage: Stage): Promise<void> {
  const { jobs, folder, figures, options } = stage;
  await command(stage, 'plan', ['plan', '--quiet'], jobs < ONE_ROUND_FROM ? options.rounds : 1);
  if (jobs > ALL_STEPS_UP_TO) {
    if (jobs <= options.mostFinished) await measureFinished(stage);
    return;
  }
  await command(stage, 'validate', ['validate']);
  await command(stage, 'plan, all in YAML', ['plan', 'all.yaml', '--quiet']);
  figures.set(
    'start, to the first create',
    await timed(options, `size ${jobs}: start, to the first create`, () => timeToFirstCreate(folder)),
  );
  if (jobs <= RUN_UP_TO) await command(stage, 'run to the end', ['run', '--yes', '--quiet'], 1);
  await measureFinished(stage);
  await command(stage, 'status', ['status', '--quiet']);
  await command(stage, 'status --json', ['status', '--json']);
  await command(stage, 'plan with everything done', ['plan', '--quiet']);
}

async function measureFinished(stage: Stage): Promise<void> {
  const { jobs, folder, options } = stage;
  if (jobs > RUN_UP_TO) {
    await timed(options, `size ${jobs}: the finished state is made`, () => finishBatch(folder));
    // Once before it counts: a state that was filled up is read, and its reports are made, for the first time.
    await command(stage, 'the reports of all jobs, with the look at them', ['run', '--yes', '--quiet'], 1);
  }
  await command(stage, 'resume with everything done', ['run', '--yes', '--quiet']);
}

/** Says how long a part of the benchmark itself has taken. */
async function timed<T>({ say }: MeasureOptions, name: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  try {
    return await work();
  } finally {
    say(`${name}: ${fixed((performance.now() - startedAt) / 1000, 1)} s`);
  }
}

async function command(
  { jobs, folder, figures, options }: Stage,
  name: string,
  args: string[],
  times = options.rounds,
) {
  await measure(figures, name, times, async () => {
    return timed(options, `size ${jobs}: ${name}`, () =>
      measureNode([LOCALIZE, ...args], { cwd: folder, variables: VARIABLES }),
    );
  });
}

/** One job by the product, the others by a copy of its rows. */
async function finishBatch(folder: string): Promise<void> {
  const state = join(folder, '.localize/state.db');
  const args = [LOCALIZE, 'run', '--yes', '--quiet', '--only', FIRST_KEY];
  await measureNode(args, { cwd: folder, variables: VARIABLES });
  finishAllJobs(state);
}

async function measure(
  figures: Map<string, Figure>,
  name: string,
  times: number,
  work: () => Promise<MeasuredRun>,
): Promise<void> {
  const runs: MeasuredRun[] = [];
  for (let turn = 0; turn < times; turn += 1) runs.push(await work());
  figures.set(name, {
    ms: medianOf(runs, (run) => run.wallMs),
    cpuMs: medianOf(runs, (run) => run.cpuMs),
    peakMb: medianOf(runs, (run) => run.peakMb),
  });
}

/** A first run on an empty state, interrupted as soon as it has bought something. */
async function timeToFirstCreate(folder: string): Promise<Figure> {
  const startedAt = performance.now();
  let firstAt: number | null = null;
  const { cpuMs, peakMb } = await measureNode([LOCALIZE, 'run', '--yes', '--json'], {
    cwd: folder,
    variables: VARIABLES,
    exits: [0, INTERRUPTED],
    onLine: (line, stop) => {
      if (firstAt !== null || !line.includes('"attempt:state"')) return;
      firstAt = performance.now();
      stop();
    },
  });
  if (firstAt === null) throw new Error('nothing was bought');
  return { ms: firstAt - startedAt, cpuMs, peakMb };
}

function section(measured: readonly { jobs: number; figures: Figures }[]): Section {
  const steps = [...new Set(measured.flatMap(({ figures }) => [...figures.keys()]))];
  const columns = [
    '',
    ...measured.flatMap(({ jobs }) => [`${jobs.toLocaleString('en')} jobs, s`, 'CPU, s', 'MB']),
    ...measured.slice(1).map(({ jobs }) => `CPU × to ${jobs.toLocaleString('en')}`),
  ];
  const rows = steps.map((step) => {
    const figures = measured.map((each) => each.figures.get(step));
    const growth = figures.slice(1).map((figure, index) => {
      const smaller = figures[index];
      return figure && smaller ? fixed(figure.cpuMs / smaller.cpuMs, 1) : '-';
    });
    const cells = figures.flatMap((figure) =>
      figure ? [fixed(figure.ms / 1000, 2), fixed(figure.cpuMs / 1000, 2), fixed(figure.peakMb, 0)] : ['-', '-', '-'],
    );
    return [step, ...cells, ...growth];
  });
  return {
    title: 'Size',
    lines: [
      'Whole processes, start-up included. The jobs are rows of a CSV file unless said otherwise; lengths are given, so',
      'that no media file is probed. Each size is ten times the one before: linear growth is a factor of 10 or less.',
      `Beyond ${RUN_UP_TO.toLocaleString('en')} jobs the finished state is one in which the product has made one job,`,
      'filled up by a copy of its rows and links to its files for every other job (`src/scenery/finished-state.ts`).',
      '',
      ...table(columns, rows),
    ],
  };
}
