import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Moving } from '../definitions.js';

/** A process that tells itself to stop takes this long at most to do it. */
const STOP_MS = 100;

/** How often it is looked who has the terminal; where that takes a process of its own, rarely. */
const LOOK_MS = process.platform === 'linux' ? 200 : 2_000;

/**
 * Lets something move on the terminal, which meanwhile does not show what is typed: that would move the lines that are
 * drawn over. Ctrl-C and Ctrl-Z make their signals as ever, and what was typed is left to the shell. In the background
 * nothing moves, whatever the input is, and the terminal is left as it is: it belongs to another there. A shell that brings a running process to
 * the front sends it no signal, so that is looked at now and then. Node puts a terminal back where the process ends by
 * itself; for the time of a stop (Ctrl-Z) and before a quit (Ctrl-\\) it is put back here.
 * @param hush whether the keyboard is this process's, to keep what is typed from the screen
 * @returns ends it
 */
export function moveInFront({ start, stop }: Moving, { hush }: { hush: boolean }): () => void {
  let settings: string | null = null;
  let moves = false;
  let timer: NodeJS.Timeout | undefined;
  const goOn = () => {
    const place = placeOnTerminal();
    if (place === 'background') {
      // What was to be put back, the shell has put back; and from here nobody may.
      settings = null;
      if (moves) stop();
      moves = false;
      return;
    }
    if (hush && settings === null && place === 'front') settings = echoOff();
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
  const onQuit = () => {
    pause();
    process.removeListener('SIGQUIT', onQuit);
    process.kill(process.pid, 'SIGQUIT');
  };
  goOn();
  const looks = setInterval(goOn, LOOK_MS);
  process.on('SIGTSTP', onStop);
  process.on('SIGQUIT', onQuit);
  process.on('SIGCONT', goOn);
  return () => {
    clearTimeout(timer);
    clearInterval(looks);
    process.removeListener('SIGTSTP', onStop);
    process.removeListener('SIGQUIT', onQuit);
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

/** Whoever changes a terminal from its background is stopped by it. `unknown`: no shell has said who is in front. */
function placeOnTerminal(): 'front' | 'background' | 'unknown' {
  const [own, foreground] = processGroups();
  if (own === undefined || foreground === undefined || Number(foreground) <= 0) return 'unknown';
  return own === foreground ? 'front' : 'background';
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
