import { type ChildProcess, spawn } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { CommandContext, TextSink } from '../../src/definitions.js';
import type { execute } from '../../src/main.js';

/** What the launcher starts: a third quicker than the modules that it was bundled of. */
export const BIN = fileURLToPath(new URL('./localize.cjs', import.meta.url));
/** The same by its modules, each of which is a file of its own. */
export const MODULES = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));
export const REPOSITORY = fileURLToPath(new URL('../../../../', import.meta.url));
const MEDIA = join(REPOSITORY, 'manifests/media');

export interface Finished {
  /** Exit code, or the name of the signal that ended it. */
  readonly exit: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  stdout(): string;
  stderr(): string;
}

/** A folder of its own for a test, with files by relative path; removed when the test is over. */
export function folderWith(files: Readonly<Record<string, string>> = {}, options: { media?: boolean } = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'localize-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  if (options.media) cpSync(MEDIA, join(folder, 'media'), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** Whoever runs the tests may have settings of their own, which these must not meet. */
function ownVariables() {
  return { PATH: process.env.PATH, HOME: process.env.HOME, XDG_CONFIG_HOME: '/nonexistent' };
}

/** Starts the built command in a folder. Only what is named here comes from this process's environment. */
export function startLocalize(
  cwd: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
  script: string = BIN,
): Running {
  const env = { ...ownVariables(), ...variables };
  const child = spawn(process.execPath, [script, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const finished = new Promise<Finished>((resolve) => {
    child.on('close', (code, signal) => resolve({ exit: code ?? signal ?? 'unknown', stdout, stderr }));
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await finished;
  });
  return { child, finished, stdout: () => stdout, stderr: () => stderr };
}

/**
 * Carries a command out as the built one does, in this process: to start one costs more than most commands do. What only a
 * process of its own shows is asked of {@link startLocalize}: signals, streams, the environment, how it ends.
 */
export async function localize(
  cwd: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const [out, err] = [sinkInMemory(), sinkInMemory()];
  const exit = await loadCommand().execute(['node', 'localize', ...args], inMemory(cwd, variables, { out, err }));
  return { exit, stdout: out.text(), stderr: err.text() };
}

/** The same in front of a terminal, until a signal comes. */
export function localizeInFrontOf(
  out: TextSink,
  { cwd, args, stop }: { cwd: string; args: readonly string[]; stop: AbortSignal },
): Promise<number> {
  const context = inMemory(cwd, {}, { out, err: sinkInMemory() });
  const interrupts = { ...context.interrupts, stop };
  return loadCommand().execute(['node', 'localize', ...args], { ...context, interrupts });
}

/** The same in a process of its own, for what is handed on to other programs: folder, environment. */
export function localizeApart(
  cwd: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  return startLocalize(cwd, args, variables).finished;
}

const load = createRequire(import.meta.url);

function loadCommand(): { execute: typeof execute } {
  return load('../../dist/launch/main.cjs');
}

function sinkInMemory(): TextSink & { text(): string } {
  const written: string[] = [];
  const write = (text: string) => void written.push(text);
  return { write, isTerminal: false, columns: 80, rows: 24, text: () => written.join('') };
}

function inMemory(
  cwd: string,
  variables: Readonly<Record<string, string>>,
  sinks: Pick<CommandContext, 'out' | 'err'>,
): CommandContext {
  const interrupts = { stop: new AbortController().signal, abort: new AbortController().signal };
  setMaxListeners(0, interrupts.stop, interrupts.abort);
  const { version } = load('../../package.json') as { version: string };
  const own = { ...ownVariables(), LOCALIZE_EMULATED_SPEED: '600', ...variables };
  return { cwd, variables: own, ...sinks, interrupts, version, host: hostname(), ask: null, askText: null };
}

/** Waits until something is so; `what` is for the message when it never is. */
export async function waitUntil(isSo: () => boolean, what: () => string): Promise<void> {
  const deadline = Date.now() + 25_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Waits until `text` shows up in what `read` returns. */
export function waitFor(read: () => string, text: string): Promise<void> {
  return waitUntil(
    () => read().includes(text),
    () => `no ${text} in:\n${read()}`,
  );
}

/** Every file below a folder, relative, with its bytes as Latin-1 text, so that any text in it can be searched. */
export function filesBelow(folder: string): Map<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, 'latin1')]),
  );
}
