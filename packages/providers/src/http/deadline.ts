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

/** Begins at once. It has to be closed, or its timer keeps the process alive. @param outer may have fired already */
export function openDeadline(timeoutMs: number, outer: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  let ended: 'timeout' | 'aborted' | null = null;
  let reject: (reason: unknown) => void = () => undefined;
  // One for all that the exchange waits for: a listener for each would cost more than the waiting.
  const end = new Promise<never>((_, fail) => {
    reject = fail;
  });
  end.catch(() => undefined);
  const endWith = (why: 'timeout' | 'aborted') => {
    ended ??= why;
    const reason = new Error(why);
    controller.abort(reason);
    reject(reason);
  };
  const onAbort = () => endWith('aborted');
  const timer = setTimeout(() => endWith('timeout'), timeoutMs);
  if (outer?.aborted) onAbort();
  outer?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    ended: () => ended,
    race: (promise) => Promise.race([promise, end]),
    close: () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onAbort);
    },
  };
}
