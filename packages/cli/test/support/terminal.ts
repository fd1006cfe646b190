import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import xterm from '@xterm/headless';
import { onTestFinished } from 'vitest';
import { BIN } from './cli.js';

const PTY = fileURLToPath(new URL('./terminal.py', import.meta.url));

/** Without Python a person's run skips what needs a terminal and says so; CI fails. */
export function hasTerminal(): boolean {
  if (spawnSync('python3', ['--version']).status === 0) return true;
  if (process.env.CI) throw new Error('there is no python3 to make a pseudo-terminal with');
  console.warn('there is no python3 here: what is shown on a terminal is not tested');
  return false;
}

export interface TerminalRun {
  /** Everything that was written, with its escape sequences. */
  written(): string;
  /** The lines of the window as a person sees them now, with those that have scrolled out above. */
  screen(): string[];
  /** Makes the window and the command's idea of it smaller or larger. */
  resize(columns: number, rows: number): void;
  type(text: string): void;
  /** As who closes the window: the command is told by a signal, and its terminal is gone. */
  close(): void;
  readonly finished: Promise<number>;
}

export interface TerminalOptions {
  readonly variables?: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly rows?: number;
  readonly onDraw?: (screen: string[]) => void;
}

/** The built command on a terminal that is drawn as a real one would be. */
export function localizeOnTerminal(cwd: string, args: readonly string[], options?: TerminalOptions): TerminalRun {
  return onTerminal(cwd, [process.execPath, BIN, ...args], options);
}

/** A shell with job control on such a terminal, in which `localize` is the built command. */
export function shellOnTerminal(cwd: string, options?: TerminalOptions): TerminalRun {
  const shell = onTerminal(cwd, ['bash', '--norc', '--noprofile', '-i'], options);
  shell.type(`PS1='$ '; localize() { '${process.execPath}' '${BIN}' "$@"; }\r`);
  return shell;
}

function onTerminal(cwd: string, command: readonly string[], options: TerminalOptions = {}): TerminalRun {
  const { columns = 100, rows = 30, variables = {}, onDraw } = options;
  const window = new xterm.Terminal({ cols: columns, rows, scrollback: 1_000, allowProposedApi: true });
  const env = { PATH: process.env.PATH, TERM: 'xterm-256color', XDG_CONFIG_HOME: '/nonexistent', ...variables };
  const child = spawn('python3', [PTY, `${columns}`, `${rows}`, ...command], { cwd, env });
  onTestFinished(() => void child.kill('SIGKILL'));
  let written = '';
  const screen = () => {
    const { active } = window.buffer;
    const lines = Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? '');
    return lines.join('\n').trimEnd().split('\n');
  };
  const drawn: Promise<void>[] = [];
  child.stdout.on('data', (data: Buffer) => {
    written += data.toString('utf8');
    drawn.push(
      new Promise((resolve) =>
        window.write(data, () => {
          onDraw?.(screen());
          resolve();
        }),
      ),
    );
  });
  const closed = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)));
  return {
    written: () => written,
    screen,
    resize: (columns, rows) => {
      window.resize(columns, rows);
      child.stdin.write(`resize ${columns} ${rows}\n`);
    },
    type: (text) => void child.stdin.write(`type ${Buffer.from(text).toString('hex')}\n`),
    close: () => void child.stdin.write('close\n'),
    finished: closed.then(async (code) => {
      await Promise.all(drawn);
      return code;
    }),
  };
}
