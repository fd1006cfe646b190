import type { RunEvent, RunOptions } from '../src/index.js';

/** Options of a run that is stopped as soon as one of its creates is accepted: its prediction is left open. */
export function stopOnceAccepted(): Pick<RunOptions, 'stop' | 'onEvent'> {
  const stop = new AbortController();
  const onEvent = (event: RunEvent) => {
    if (event.type === 'attempt:state' && event.to === 'accepted') stop.abort();
  };
  return { stop: stop.signal, onEvent };
}
