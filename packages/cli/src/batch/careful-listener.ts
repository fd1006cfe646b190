import type { RunEvent } from '@localize/runner';

/** Somebody else's code that is told of a run. */
export interface CarefulListener {
  onEvent(event: RunEvent): void;
  /** Throws what the code has thrown, if anything. */
  rethrow(): void;
}

/**
 * A mistake of whoever listens must not end a run between a purchase and its result: it is told nothing more, and what
 * it threw is thrown when the run is over.
 */
export function carefulListener(onEvent: (event: RunEvent) => void): CarefulListener {
  let thrown: { error: unknown } | null = null;
  return {
    onEvent(event) {
      if (thrown !== null) return;
      try {
        onEvent(event);
      } catch (error) {
        thrown = { error };
      }
    },
    rethrow() {
      if (thrown !== null) throw thrown.error;
    },
  };
}
