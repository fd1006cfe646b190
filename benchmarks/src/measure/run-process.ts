import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { USAGE_HOOK } from '../paths.js';

/** What a process has cost, children not counted. */
export interface Usage {
  readonly wallMs: number;
  /** User and system time together. */
  readonly cpuMs: number;
  readonly peakMb: number;
}

export interface MeasuredRun extends Usage {
  readonly exit: number;
}

export interface RunSettings {
  readonly cwd: string;
  /** Only these, `PATH` and `HOME` reach the process. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Told each line of standard output; it is dropped when nobody asks. */
  readonly onLine?: (line: string, stop: () => void) => void;
  /** Exit codes that are no failure of the measurement; 0 alone by default. */
  readonly exits?: readonly number[];
}

/**
 * Runs a Node program to its end and measures it.
 * @throws Error with what it said when it ends otherwise than expected
 */
export async function measureNode(args: readonly string[], settings: RunSettings): Promise<MeasuredRun> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-usage-'));
  const usage = join(folder, 'usage.json');
  // Set aside for one process: NODE_BENCH_FLAGS='--cpu-prof' profiles what is measured.
  const flags = (process.env.NODE_BENCH_FLAGS ?? '').split(' ').filter((flag) => flag !== '');
  try {
    const startedAt = performance.now();
    const exit = await run(process.execPath, [...flags, '--import', USAGE_HOOK, ...args], {
      ...settings,
      variables: { ...settings.variables, BENCH_USAGE: usage },
    });
    const wallMs = performance.now() - startedAt;
    return { exit, wallMs, ...(JSON.parse(readFileSync(usage, 'utf8')) as Omit<Usage, 'wallMs'>) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a program to its end. @returns its exit code */
export function run(program: string, args: readonly string[], settings: RunSettings): Promise<number> {
  const { cwd, variables, onLine, exits = [0] } = settings;
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...variables };
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', onLine ? 'pipe' : 'ignore', 'pipe'] });
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4_000);
    });
    if (onLine && child.stdout) eachLine(child.stdout, (line) => onLine(line, () => child.kill('SIGINT')));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code !== null && exits.includes(code)) resolve(code);
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code ?? signal}:\n${said}`));
    });
  });
}

function eachLine(stream: NodeJS.ReadableStream, tell: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) tell(line);
  });
}
