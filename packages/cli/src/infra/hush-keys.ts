import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Moving } from '../definitions.js';

/** A process that tells itself to stop takes this long at most to do it. */
const STOP_MS = 100;

/**
 * Lets something move on the terminal, which meanwhile does not show what is typed: that would move the lines that are
 * drawn over. Ctrl-C and Ctrl-Z make their signals as ever, and what was typed is left to the shell. In the background
 * the terminal is left as it is: it belongs to another there. Node puts a terminal back however the process ends; for the
 * time of a stop (Ctrl-Z) it is put back here.
 * @returns ends it
 */
export function hushKeys({ start, stop }: Moving): () => void {
  let settings: string | null = null;
  let moves = false;
  let timer: NodeJS.Timeout | undefined;
  const goOn = () => {
    if (settings === null && isInForeground()) settings = echoOff();
    if (!moves) start();
    moves = true;
  };
  const pause = () => {
    if (moves) stop();
    moves = false;
    if (settings !== null) stty(settings);
    settings = null;
  };
  const onStop = () => {
    pause();
    // Without a listener the signal stops the process, unless nobody is there who could wake it.
    process.removeListener('SIGTSTP', onStop);
    process.kill(process.pid, 'SIGTSTP');
    timer = setTimeout(() => {
      process.on('SIGTSTP', onStop);
      goOn();
    }, STOP_MS);
  };
  goOn();
  process.on('SIGTSTP', onStop);
  process.on('SIGCONT', goOn);
  return () => {
    clearTimeout(timer);
    process.removeListener('SIGTSTP', onStop);
    process.removeListener('SIGCONT', goOn);
    pause();
  };
}

/** @returns the settings that were, as stty takes them; `null` where they cannot be changed */
function echoOff(): string | null {
  const settings = stty('-g')?.trim() ?? '';
  return settings !== '' && stty('-echo') !== null ? settings : null;
}

function stty(argument: string): string | null {
  return outputOf('stty', [argument]);
}

/** Whoever changes a terminal from its background is stopped by it. */
function isInForeground(): boolean {
  const [own, foreground] = processGroups();
  return own !== undefined && own === foreground;
}

/** This process's group, and the one that its terminal belongs to. */
function processGroups(): (string | undefined)[] {
  if (process.platform !== 'linux') {
    const groups = outputOf('ps', ['-o', 'pgid=,tpgid=', '-p', `${process.pid}`]);
    return groups?.trim().split(/\s+/) ?? [];
  }
  // The name before it, in brackets, may hold anything: state, parent, group, session, terminal, its group.
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\)\s/s, '')
    .split(' ');
  return [fields[2], fields[5]];
}

/** @returns `null` where there is no such command, or it fails */
function outputOf(command: string, args: string[]): string | null {
  const { status, stdout } = spawnSync(command, args, { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' });
  return status === 0 ? stdout : null;
}
