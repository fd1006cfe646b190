import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median } from '../measure/statistics.js';
import { LOCALIZE } from '../paths.js';
import { fixed, type Section, table } from '../results/section.js';
import { manifestHead, yamlVideos } from '../scenery/manifest-text.js';
import { Workspace } from '../scenery/workspace.js';
import type { Family } from './family.js';

const VIDEOS = 4;
/** Starts are short and noisy: many of each, one after the other, so that each is compared with its neighbours. */
const TURNS_A_ROUND = 10;

/** What a command costs before it does anything, through the launcher, beside a Node that does nothing. */
export const startUp: Family = {
  name: 'start-up',
  async measure({ rounds, quick, say }) {
    const workspace = new Workspace();
    try {
      const commands = commandsIn(smallBatch(workspace));
      // The first start may install and build.
      for (const { args, cwd } of commands) start(args, cwd);
      const turns = quick ? 3 : rounds * TURNS_A_ROUND;
      const times = commands.map(() => [] as number[]);
      say(`start-up: ${turns} of each`);
      for (let turn = 0; turn < turns; turn += 1) {
        commands.forEach(({ args, cwd }, index) => {
          times[index]?.push(start(args, cwd));
        });
      }
      return section(commands, times, turns);
    } finally {
      workspace.remove();
    }
  },
};

interface Command {
  readonly name: string;
  readonly args: readonly string[];
  readonly cwd: string;
}

function commandsIn(cwd: string): Command[] {
  return [
    { name: '`node -e 0`', args: ['-e', '0'], cwd },
    { name: '`./localize --help`', args: [LOCALIZE, '--help'], cwd },
    { name: `\`./localize validate\`, ${VIDEOS} videos, lengths given`, args: [LOCALIZE, 'validate'], cwd },
    { name: '`./localize plan`, the same', args: [LOCALIZE, 'plan'], cwd },
  ];
}

function smallBatch(workspace: Workspace): string {
  const folder = workspace.newFolder();
  const head = manifestHead('small', {
    eachlabs: {
      hosts: {},
      limits: { creates: 100, per: '60s', concurrent: 10 },
      poll: { first: '20s', every: '5s' },
    },
  });
  writeFileSync(join(folder, 'manifest.yaml'), head + yamlVideos(VIDEOS));
  return folder;
}

/** @returns wall time in milliseconds */
function start(args: readonly string[], cwd: string): number {
  const startedAt = performance.now();
  // Some variables make Node itself slower to start, which would flatter us.
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return performance.now() - startedAt;
}

function section(commands: readonly Command[], times: readonly (readonly number[])[], turns: number): Section {
  const [bare = []] = times;
  const rows = commands.map(({ name }, index) => {
    const own = times[index] ?? [];
    const ratio = median(own.map((ms, turn) => ms / (bare[turn] ?? ms)));
    return [name, fixed(median(own), 0), fixed(Math.min(...own), 0), fixed(ratio, 2)];
  });
  return {
    title: 'Start-up',
    lines: [
      `Whole processes, ${turns} of each in turn.`,
      '',
      ...table(['', 'median, ms', 'quickest, ms', '× bare Node'], rows),
    ],
  };
}
