/** Ends an exchange: when its time is up, or when the caller's signal fires. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Why the signal fired; `null` while it hasn't. */
  readonly ended: () => 'timeout' | 'aborted' | null;
  /** The value of the promise, or a rejection as soon as the deadline ends, whatever the promise does later. */
  readonly race: <T>(promise: Promise<T>) => Promise<T>;
  /** Releases the timer and the listener. */
  readonly close: () => void;
}

export function openDeadline(timeoutMs: number, outer: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  let ended: 'timeout' | 'aborted' | null = null;
  const end = (why: 'timeout' | 'aborted') => {
    ended ??= why;
    controller.abort(new Error(why));
  };
  const onAbort = () => end('aborted');
  const timer = setTimeout(() => end('timeout'), timeoutMs);
  if (outer?.aborted) onAbort();
  outer?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    ended: () => ended,
    race: (promise) => race(promise, controller.signal),
    close: () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onAbort);
    },
  };
}

function race<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
