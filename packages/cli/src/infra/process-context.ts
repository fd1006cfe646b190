import { createRequire } from 'node:module';
import { hostname } from 'node:os';
import type { CommandContext, TextSink } from '../definitions.js';
import { callName, sinksAsCalled } from './call-name.js';
import { listenForInterrupts } from './interrupts.js';

/**
 * The real world: this process's arguments' folder, environment, streams and signals. Each is looked at when it is
 * first asked for: to open a standard stream takes longer than all that `--help` does.
 * @param argv as `process.argv`
 */
export function createProcessContext(argv: readonly string[]): CommandContext {
  const name = callName(argv[1], { cwd: process.cwd(), path: process.env.PATH });
  const sinks = { out: sinkOf(() => process.stdout), err: sinkOf(() => process.stderr) };
  return {
    cwd: process.cwd(),
    variables: process.env,
    ...sinksAsCalled(argv, sinks, name),
    interrupts: listenForInterrupts(),
    get version() {
      return readVersion();
    },
    get host() {
      return hostname();
    },
    get ask() {
      return isInteractive() ? askYesOrNo : null;
    },
    get askText() {
      return isInteractive() ? askLine : null;
    },
  };
}

/** This package's version, without loading anything else. */
export function readVersion(): string {
  // By the package's name: how far up its folder lies differs between the compiled files and the bundle.
  return (createRequire(import.meta.url)('localize/package.json') as { version: string }).version;
}

function isInteractive(): boolean {
  return Boolean(process.stdin.isTTY && process.stderr.isTTY);
}

function sinkOf(stream: () => NodeJS.WriteStream): TextSink {
  return {
    write: (text) => void stream().write(text),
    get isTerminal() {
      return stream().isTTY === true;
    },
    get columns() {
      return stream().columns || 80;
    },
    // Some pseudo-terminals say 0.
    get rows() {
      return stream().rows || 24;
    },
  };
}

async function askYesOrNo(question: string): Promise<boolean> {
  return /^y(es)?$/i.test((await askLine(`${question} [y/N] `)) ?? '');
}

async function askLine(question: string): Promise<string | null> {
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    // Ctrl-C and Ctrl-D close the prompt, after which the question itself would never be answered.
    const closed = new Promise<null>((resolve) => terminal.once('close', () => resolve(null)));
    const answer = await Promise.race([terminal.question(question), closed]);
    return answer === null ? null : answer.trim();
  } finally {
    terminal.close();
  }
}
