import type { RunEvent } from '@localize/runner';
import type { Interrupts } from '../definitions.js';

/** Says at once what a signal has set off, and how many replies are still awaited. */
export function announceInterrupts({ stop, abort }: Interrupts, say: (line: string) => void) {
  // Creates whose reply is out, by attempt: each one is money.
  const awaited = new Set<string>();
  const onStop = () => say(`stopping: no further create leaves; ${replies(awaited.size)}`);
  const onAbort = () => say('giving up the wait: creates without a reply are settled by the next run');
  stop.addEventListener('abort', onStop, { once: true });
  abort.addEventListener('abort', onAbort, { once: true });
  return {
    onEvent(event: RunEvent): void {
      if (event.type !== 'attempt:state') return;
      if (event.to === 'intended') awaited.add(event.attemptId);
      else awaited.delete(event.attemptId);
    },
    end(): void {
      stop.removeEventListener('abort', onStop);
      abort.removeEventListener('abort', onAbort);
    },
  };
}

function replies(count: number): string {
  if (count === 0) return 'no reply is awaited';
  const what = count === 1 ? '1 reply is awaited' : `${count} replies are awaited`;
  return `${what}, since each may be a purchase (Ctrl-C again gives up the wait)`;
}
