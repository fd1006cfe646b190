import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MeasuredRun, measureNode } from '../measure/run-process.js';
import { medianOf } from '../measure/statistics.js';
import { LOCALIZE } from '../paths.js';
import { fixed, type Section, table } from '../results/section.js';
import { EmulatorProcess } from '../scenery/emulator-process.js';
import { csvRows, manifestHead, yamlVideos } from '../scenery/manifest-text.js';
import { Workspace } from '../scenery/workspace.js';
import type { Family, MeasureOptions } from './family.js';

const SIZES = [1_000, 10_000, 100_000];
const QUICK_SIZES = [100, 1_000];
const IN_FLIGHT = 100;
const SPEED = 3_000;
const VARIABLES = { EACHLABS_API_KEY: 'benchmark-key' };
const INTERRUPTED = 130;

interface Figure {
  readonly ms: number;
  readonly peakMb: number;
}

/** Figures of one size by what was measured, in the order of {@link STEPS}. */
type Figures = ReadonlyMap<string, Figure>;

/** How time and memory grow with the number of jobs, which lie in a CSV file unless said otherwise. */
export const size: Family = {
  name: 'size',
  async measure(options) {
    const workspace = new Workspace();
    const emulator = await EmulatorProcess.start({
      dir: join(workspace.newFolder(), 'emulator'),
      speed: SPEED,
      limits: { eachlabs: { creates: null, concurrent: null } },
    });
    try {
      const measured: { jobs: number; figures: Figures }[] = [];
      for (const jobs of options.quick ? QUICK_SIZES : SIZES) {
        measured.push({ jobs, figures: await measureSize(jobs, workspace, emulator, options) });
      }
      return section(measured);
    } finally {
      await emulator.stop();
      workspace.remove();
    }
  },
};

async function measureSize(
  jobs: number,
  workspace: Workspace,
  emulator: EmulatorProcess,
  { rounds, say }: MeasureOptions,
): Promise<Figures> {
  const folder = workspace.newFolder();
  const head = headFor(`size-${jobs}`, emulator);
  writeFileSync(join(folder, 'rows.csv'), csvRows(jobs));
  writeFileSync(join(folder, 'manifest.yaml'), `${head}  - csv: ./rows.csv\n`);
  writeFileSync(join(folder, 'all.yaml'), head + yamlVideos(jobs));
  const figures = new Map<string, Figure>();
  const command = (name: string, args: string[], times = rounds) =>
    measure(figures, name, times, async () => {
      say(`size ${jobs}: ${name}`);
      return measureNode([LOCALIZE, ...args], { cwd: folder, variables: VARIABLES });
    });
  await command('validate', ['validate']);
  await command('validate, all in YAML', ['validate', 'all.yaml']);
  await command('plan', ['plan']);
  await command('plan, all in YAML', ['plan', 'all.yaml']);
  say(`size ${jobs}: time to the first create`);
  figures.set('start, to the first create', await timeToFirstCreate(folder));
  await command('run to the end', ['run', '--yes', '--quiet'], 1);
  await command('resume with everything done', ['run', '--yes', '--quiet']);
  await command('status', ['status']);
  await command('status --json', ['status', '--json']);
  await command('plan with everything done', ['plan']);
  return figures;
}

async function measure(
  figures: Map<string, Figure>,
  name: string,
  times: number,
  work: () => Promise<MeasuredRun>,
): Promise<void> {
  const runs: MeasuredRun[] = [];
  for (let turn = 0; turn < times; turn += 1) runs.push(await work());
  figures.set(name, { ms: medianOf(runs, (run) => run.wallMs), peakMb: medianOf(runs, (run) => run.peakMb) });
}

/** A first run on an empty state, interrupted as soon as it has bought something. */
async function timeToFirstCreate(folder: string): Promise<Figure> {
  const startedAt = performance.now();
  let firstAt: number | null = null;
  const { peakMb } = await measureNode([LOCALIZE, 'run', '--yes', '--json'], {
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
  return { ms: firstAt - startedAt, peakMb };
}

function headFor(batch: string, emulator: EmulatorProcess): string {
  return manifestHead(batch, {
    eachlabs: {
      hosts: { base_url: emulator.endpoints.eachlabs?.baseUrl ?? '' },
      limits: { creates: 1_000_000, per: '1s', concurrent: IN_FLIGHT },
      poll: { first: '140ms', every: '40ms' },
    },
  });
}

function section(measured: readonly { jobs: number; figures: Figures }[]): Section {
  const steps = [...(measured[0]?.figures.keys() ?? [])];
  const columns = [
    '',
    ...measured.flatMap(({ jobs }) => [`${jobs.toLocaleString('en')} jobs, s`, 'MB']),
    ...measured.slice(1).map(({ jobs }) => `time × to ${jobs.toLocaleString('en')}`),
  ];
  const rows = steps.map((step) => {
    const figures = measured.map((each) => each.figures.get(step));
    const growth = figures.slice(1).map((figure, index) => {
      const smaller = figures[index];
      return figure && smaller ? fixed(figure.ms / smaller.ms, 1) : '-';
    });
    const cells = figures.flatMap((figure) =>
      figure ? [fixed(figure.ms / 1000, 2), fixed(figure.peakMb, 0)] : ['-', '-'],
    );
    return [step, ...cells, ...growth];
  });
  return {
    title: 'Size',
    lines: [
      'Whole processes, start-up included. The jobs are rows of a CSV file unless said otherwise; lengths are given, so',
      'that no media file is probed. Each size is ten times the one before: linear growth is a factor of 10 or less.',
      '',
      ...table(columns, rows),
    ],
  };
}
