import type { RunContext } from '../run-context.js';

/** What has told nothing of itself for so long is told of, so that nobody wonders what a run waits for. */
const FIRST_SILENCE_MS = 10_000;
const SILENCE_MS = 60_000;

/** What is told of one upload on its way. */
export interface UploadProgress {
  onProgress(bytes: number): void;
  /** Tells no more. @returns whether anything was told, so that its end is to be told too */
  end(): boolean;
}

/** Tells of an upload in steps of a hundredth, and once a minute where it does not move. */
export function tellProgress(
  context: RunContext,
  about: { file: string; destination: string; totalBytes: number },
): UploadProgress {
  let toldBytes = 0;
  let hasTold = false;
  let callOff = context.clock.after(FIRST_SILENCE_MS, again);
  function again() {
    tell(toldBytes);
  }
  function tell(bytes: number) {
    callOff();
    callOff = context.clock.after(SILENCE_MS, again);
    toldBytes = bytes;
    hasTold = true;
    context.journal.tell({ type: 'upload:progress', ...about, bytes });
  }
  return {
    onProgress: (bytes) => {
      if (Math.abs(bytes - toldBytes) >= about.totalBytes / 100) tell(bytes);
    },
    end: () => {
      callOff();
      return hasTold;
    },
  };
}
