import { setMaxListeners } from 'node:events';
import type { Interrupts } from '../definitions.js';
import { letGoneTerminalsGo } from './hang-up.js';

/** Ctrl-C, a polite kill, and a terminal that was closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** As an interrupted run ends; kept here so that no module is loaded for it. */
const INTERRUPTED = 130;

/**
 * Turns signals into two abort signals: the first asks to stop, the second to give up waiting. Until somebody asks for
 * them, and for a command that does not know how to stop, a signal ends the process, with the code of an interrupted run.
 */
export function listenForInterrupts(): Interrupts {
  process.once('SIGHUP', () => process.once('exit', letGoneTerminalsGo));
  const end = () => process.exit(INTERRUPTED);
  for (const signal of SIGNALS) process.on(signal, end);
  const stop = new AbortController();
  const abort = new AbortController();
  // Every probe, request and wait of a run may listen.
  setMaxListeners(0, stop.signal, abort.signal);
  let listening = false;
  const onSignal = () => {
    if (stop.signal.aborted) abort.abort();
    else stop.abort();
  };
  const listen = () => {
    if (listening) return;
    listening = true;
    for (const signal of SIGNALS) {
      process.on(signal, onSignal);
      process.removeListener(signal, end);
    }
  };
  return {
    get stop() {
      listen();
      return stop.signal;
    },
    get abort() {
      listen();
      return abort.signal;
    },
  };
}
