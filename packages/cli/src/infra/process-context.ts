import { createRequire } from 'node:module';
import { hostname } from 'node:os';
import type { CommandContext, Interrupts, TextSink } from '../definitions.js';
import { callName, NAME, sinksAsCalled } from './call-name.js';
import { listenForInterrupts } from './interrupts.js';
import { moveInFront } from './move-in-front.js';
import { hasReader } from './standard-streams.js';

/**
 * The real world: this process's arguments' folder, environment, streams and signals. Each is looked at when it is
 * first asked for: to open a standard stream takes longer than all that `--help` does.
 * @param argv as `process.argv`
 */
export function createProcessContext(argv: readonly string[]): CommandContext {
  const cwd = currentFolder();
  const name = cwd === null ? NAME : callName(argv[1], { cwd, path: process.env.PATH });
  const sinks = { out: sinkOf(() => process.stdout), err: sinkOf(() => process.stderr) };
  const interrupts = listenForInterrupts();
  const askText = (question: string) => askLine(question, interrupts);
  return {
    // Where it is gone, whoever asks for it is told so.
    get cwd() {
      return cwd ?? process.cwd();
    },
    name,
    variables: process.env,
    ...sinksAsCalled(argv, sinks, name),
    interrupts,
    get version() {
      return readVersion();
    },
    get host() {
      return hostname();
    },
    get ask() {
      return isInteractive() ? (question: string) => askYesOrNo(question, askText) : null;
    },
    get askText() {
      return isInteractive() ? askText : null;
    },
    moveInFront: (moving) => {
      // Another end of a pipe may be a pager, which has a keyboard of its own.
      return moveInFront(moving, { hush: isInteractive() && process.stdout.isTTY });
    },
  };
}

/** `null`: it was removed since the shell went there. */
function currentFolder(): string | null {
  try {
    return process.cwd();
  } catch {
    return null;
  }
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
    write: (text) => writeTo(stream(), text),
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
    get hasReader() {
      return hasReader(stream());
    },
  };
}

/** Some versions of Node throw what others tell the stream's listeners. */
function writeTo(stream: NodeJS.WriteStream, text: string): void {
  try {
    stream.write(text);
  } catch (error) {
    stream.emit('error', error);
  }
}

type Ask = (question: string) => Promise<string | null>;

async function askYesOrNo(question: string, ask: Ask): Promise<boolean> {
  return /^y(es)?$/i.test((await ask(`${question} [y/N] `)) ?? '');
}

/** @throws AbortError when a signal comes instead of an answer */
async function askLine(question: string, { stop }: Interrupts): Promise<string | null> {
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    // Ctrl-C is a key here, which the terminal does not make a signal of.
    terminal.once('SIGINT', () => process.emit('SIGINT', 'SIGINT'));
    // Ctrl-D closes the prompt, after which the question itself would never be answered.
    const closed = new Promise<null>((resolve) => terminal.once('close', () => resolve(null)));
    const answer = await Promise.race([terminal.question(question, { signal: stop }), closed]);
    return answer === null ? null : answer.trim();
  } finally {
    terminal.close();
  }
}
