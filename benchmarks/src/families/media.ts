import { copyFileSync, linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type MeasuredRun, measureNode } from '../measure/run-process.js';
import { medianOf } from '../measure/statistics.js';
import { FACE, LOCALIZE, VOICE } from '../paths.js';
import { fixed, type Section, table } from '../results/section.js';
import { manifestHead } from '../scenery/manifest-text.js';
import { Workspace } from '../scenery/workspace.js';
import type { Family } from './family.js';

const TRACKS = [1_000, 10_000];
const QUICK_TRACKS = [100, 200];
const LANGUAGES = ['de', 'es', 'fr', 'it', 'ja', 'ko', 'nl', 'pl', 'pt-BR', 'sv'];
/** A file that was just written is not remembered: it may be written again within the same tick of its clock. */
const SETTLED_MS = 3_000;

/** The least that a look into a file can be: what kind it is and how large, and its first 64 KiB. */
const READ_STARTS = `
const { readdirSync, openSync, fstatSync, readSync, closeSync } = require('node:fs');
const into = Buffer.alloc(65536);
for (const name of readdirSync('.', { recursive: true })) {
  if (!/mp[34]$/.test(name)) continue;
  const file = openSync(name, 'r');
  fstatSync(file);
  readSync(file, into, 0, into.length, 0);
  closeSync(file);
}`;

const STEPS = [
  { name: 'the first 64 KiB of every file, read by bare Node', args: ['-e', READ_STARTS] },
  { name: '`validate`, every file for the first time', args: [LOCALIZE, 'validate'] },
  { name: '`plan` after it', args: [LOCALIZE, 'plan', '--quiet'] },
] as const;

type Figures = readonly MeasuredRun[][];

/** What it costs to look into real media files before anything is planned, once and again. */
export const media: Family = {
  name: 'media',
  async measure({ rounds, quick, mostJobs, say }) {
    const workspace = new Workspace();
    try {
      const sizes = (quick ? QUICK_TRACKS : TRACKS).filter((tracks) => tracks <= mostJobs);
      const measured: { tracks: number; figures: Figures }[] = [];
      for (const tracks of sizes) {
        const folder = batchOf(tracks, workspace);
        await pause(SETTLED_MS);
        const figures = STEPS.map((): MeasuredRun[] => []);
        for (let round = 0; round < rounds; round += 1) {
          // A cache of its own for each round, which is empty at first.
          const variables = { XDG_CACHE_HOME: join(folder, `cache-${round}`), EACHLABS_API_KEY: 'benchmark-key' };
          for (const [index, { name, args }] of STEPS.entries()) {
            const run = await measureNode([...args], { cwd: folder, variables });
            say(`media ${tracks}: ${name}: ${fixed(run.wallMs / 1000, 1)} s`);
            figures[index]?.push(run);
          }
        }
        measured.push({ tracks, figures });
      }
      return section(measured);
    } finally {
      workspace.remove();
    }
  },
};

/** A folder with a video for every ten tracks. All are links to one video and one voice: what is read is the same. */
function batchOf(tracks: number, workspace: Workspace): string {
  const folder = workspace.newFolder();
  for (const name of ['v', ...LANGUAGES.map((language) => `a/${language}`)]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  copyFileSync(FACE, join(folder, 'video.mp4'));
  copyFileSync(VOICE, join(folder, 'voice.mp3'));
  for (let video = 0; video < tracks / LANGUAGES.length; video += 1) {
    linkSync(join(folder, 'video.mp4'), join(folder, `v/${video}.mp4`));
    for (const language of LANGUAGES) linkSync(join(folder, 'voice.mp3'), join(folder, `a/${language}/${video}.mp3`));
  }
  const eachlabs = {
    hosts: {},
    limits: { creates: 100, per: '60s', concurrent: 10 },
    poll: { first: '20s', every: '5s' },
  };
  const videos = '  - from: ./v/*.mp4\n    tracks: ./a/{lang}/{name}.mp3\n';
  writeFileSync(join(folder, 'manifest.yaml'), manifestHead(`media-${tracks}`, { eachlabs }) + videos);
  return folder;
}

function section(measured: readonly { tracks: number; figures: Figures }[]): Section {
  const columns = [
    '',
    ...measured.flatMap(({ tracks }) => [`${tracks.toLocaleString('en')} tracks, s`, 'CPU, s', 'MB']),
    ...measured.slice(1).map(({ tracks }) => `CPU × to ${tracks.toLocaleString('en')}`),
    'CPU × reading',
  ];
  const reading = medianOf(measured.at(-1)?.figures[0] ?? [], (run) => run.cpuMs) / 1000;
  const rows = STEPS.map(({ name }, step) => {
    const figures = measured.map(({ figures: all }) => {
      const runs = all[step] ?? [];
      const of = (key: keyof MeasuredRun) => medianOf(runs, (run) => run[key]);
      return { s: of('wallMs') / 1000, cpu: of('cpuMs') / 1000, mb: of('peakMb') };
    });
    const growth = figures.slice(1).map(({ cpu }, index) => fixed(cpu / (figures[index]?.cpu ?? cpu), 1));
    const times = fixed((figures.at(-1)?.cpu ?? 0) / reading, 1);
    return [name, ...figures.flatMap(({ s, cpu, mb }) => [fixed(s, 2), fixed(cpu, 2), fixed(mb, 0)]), ...growth, times];
  });
  return {
    title: 'Media',
    lines: [
      'Whole processes. A video for every ten tracks, each a file of its own name: an MP4 of 3 kB, MP3s of 44 kB. Each is',
      'opened, told what it is, followed to its end and listened to until it is heard; the second command finds what the',
      'first has seen in the user’s cache folder. The larger batch is ten times the smaller: linear growth is a factor of 10.',
      '',
      ...table(columns, rows),
    ],
  };
}
