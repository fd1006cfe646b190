import { createRequire } from 'node:module';
import { hostname } from 'node:os';
import { createInterface } from 'node:readline/promises';
import type { CommandContext, TextSink } from '../definitions.js';
import { listenForInterrupts } from './interrupts.js';

/** The real world: this process's arguments' folder, environment, streams and signals. */
export function createProcessContext(): CommandContext {
  const interactive = Boolean(process.stdin.isTTY && process.stderr.isTTY);
  return {
    cwd: process.cwd(),
    variables: process.env,
    out: sinkOf(process.stdout),
    err: sinkOf(process.stderr),
    interrupts: listenForInterrupts(),
    version: readVersion(),
    host: hostname(),
    ask: interactive ? askYesOrNo : null,
    askText: interactive ? askLine : null,
  };
}

/** This package's version, without loading anything else. */
export function readVersion(): string {
  // By the package's name: how far up its folder lies differs between the compiled files and the bundle.
  return (createRequire(import.meta.url)('localize/package.json') as { version: string }).version;
}

function sinkOf(stream: NodeJS.WriteStream): TextSink {
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.columns || 80;
    },
    // Some pseudo-terminals say 0.
    get rows() {
      return stream.rows || 24;
    },
  };
}

async function askYesOrNo(question: string): Promise<boolean> {
  return /^y(es)?$/i.test((await askLine(`${question} [y/N] `)) ?? '');
}

async function askLine(question: string): Promise<string | null> {
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
