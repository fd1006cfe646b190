import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeReview } from '@localize/report';
import { execute } from '../../src/main.js';
import { REPOSITORY } from './cli.js';
import { blocksOf, readDocument } from './documents.js';

/** A folder in which the documents' commands can be carried out: every manifest in it runs on the emulator. */
export interface Sandbox {
  readonly folder: string;
  /** Carries one line of a document out, as a shell would. @throws with all that was said when it fails */
  carryOut(line: string): Promise<string>;
  remove(): void;
}

export function sandbox(): Sandbox {
  const folder = mkdtempSync(join(tmpdir(), 'localize-sandbox-'));
  for (const name of ['bin', 'media', 'settings/localize']) mkdirSync(join(folder, name), { recursive: true });
  for (const [name, text] of Object.entries(filesOf())) {
    writeFileSync(join(folder, name), text, { mode: name.startsWith('bin/') ? 0o755 : 0o600 });
  }
  const media = join(REPOSITORY, 'manifests/media');
  cpSync(join(media, 'safety.mp4'), join(folder, 'media/keynote.mp4'));
  for (const tag of ['de', 'ja']) {
    cpSync(join(media, `audio/${tag}/safety.mp3`), join(folder, `media/keynote.${tag}.mp3`));
  }
  return {
    folder,
    carryOut: (line) => carryOut(folder, line),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

function filesOf(): Record<string, string> {
  // What the launcher starts once all is built.
  const main = join(REPOSITORY, 'packages/cli/dist/launch/main.cjs');
  const command = `#!${process.execPath}\nrequire(${JSON.stringify(main)}).main(process.argv);\n`;
  // Nothing opens a page here.
  const opener = '#!/bin/sh\n';
  return {
    'batch.yaml': readmeManifest(),
    'bin/localize': command,
    'bin/xdg-open': opener,
    'bin/open': opener,
    'settings/localize/config.yaml': 'providers: { wavespeed: { tier: gold } }\n',
  };
}

function readmeManifest(): string {
  const block = blocksOf(readDocument('README.md'), 'yaml').find(({ name }) => name === 'batch.yaml');
  if (block === undefined) throw new Error('the README has no batch.yaml');
  return block.text;
}

async function carryOut(folder: string, line: string): Promise<string> {
  emulateAll(folder);
  if (/localize review /.test(line)) writeReviews(folder, line);
  // It overwrites nothing, and every document begins with it.
  if (/localize init/.test(line)) rmSync(join(folder, 'manifest.yaml'), { force: true });
  const command = line
    .replaceAll('/srv/videos', folder)
    .replaceAll('<run id>', () => firstRun(folder))
    .replace(/--port \d+/, '--port 0');
  const env = {
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, 'settings'),
    WAVESPEED_API_KEY: 'a-key-that-opens-nothing',
    LOCALIZE_EMULATED_SPEED: '600',
  };
  const { exit, said } = await (NEEDS_SHELL.test(command) ? inShell : here)(command, { folder, env });
  if (exit === 0 || (exit === 2 && NOTHING_TO_DO.test(said))) return said;
  throw new Error(`${command}\nended with ${exit}:\n${said}`);
}

interface Place {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

interface Ended {
  readonly exit: number | null;
  /** Both outputs, as they came. */
  readonly said: string;
}

const NEEDS_SHELL = /[|&<>;$`]|^(?!localize )/;

async function inShell(command: string, { folder, env }: Place): Promise<Ended> {
  const child = spawn('sh', ['-c', command], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const [exit] = (await once(child, 'close')) as [number | null];
  return { exit, said };
}

/** In this process, since starting one costs more than most commands do. */
async function here(command: string, { folder, env }: Place): Promise<Ended> {
  const words = [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, one, two, bare]) => one ?? two ?? bare ?? '',
  );
  const [stop, abort] = [new AbortController(), new AbortController()];
  let said = '';
  const write = (text: string) => {
    said += text;
    if (said.includes('Ctrl-C ends it')) stop.abort();
  };
  const sink = { write, isTerminal: false, columns: 100, rows: 24 };
  const exit = await execute(['node', ...words], {
    ...{ cwd: folder, variables: env, out: sink, err: sink, version: '0.0.0', host: 'here', ask: null, askText: null },
    interrupts: { stop: stop.signal, abort: abort.signal },
  });
  return { exit, said };
}

/** What a command says whose like a document shows for a case that a batch without mishaps does not have. */
const NOTHING_TO_DO = /error \[SETTLE_NOT_POSSIBLE\]/;

/** No document may spend a cent when a test reads it, nor ask a host beyond this machine. */
function emulateAll(folder: string): void {
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.yaml'))) {
    const text = readFileSync(join(folder, name), 'utf8');
    if (!/^emulate: true$/m.test(text)) writeFileSync(join(folder, name), `${text}\nemulate: true\n`);
  }
}

interface Report {
  readonly batch: string;
  readonly runs: readonly { readonly id: string }[];
  readonly jobs: readonly { readonly key: string; readonly output_sha256: string }[];
}

function readReport(folder: string): Report {
  return JSON.parse(readFileSync(join(folder, 'localized/spring-launch.emulated/report/report.json'), 'utf8'));
}

function firstRun(folder: string): string {
  return readReport(folder).runs[0]?.id ?? '';
}

/** For each review file that a command names, a reviewer who approves everything. */
function writeReviews(folder: string, line: string): void {
  const { batch, jobs } = readReport(folder);
  for (const [file, reviewer = ''] of line.matchAll(/(\w+)\.json/g)) {
    const marks = jobs.map(({ key, output_sha256: sha256 }) => ({
      ...{ key, sha256, route: null, note: '', at: '2026-03-14T10:00:00.000Z' },
      verdict: 'approve' as const,
    }));
    writeFileSync(join(folder, file), writeReview(batch, reviewer, marks));
  }
}
