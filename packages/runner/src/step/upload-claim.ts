import type { Clock } from '../clock.js';
import type { RunContext } from '../run-context.js';
import { claimUpload, endClaim, isUploadedElsewhere, renewClaim, type Upload } from '../store/upload-claims.js';

const RENEWED_EVERY_MS = 15_000;
const LOOK_EVERY_MS = 500;

/**
 * Uploads while no other run of this state uploads the same.
 * @param knownUrl where it was fetchable until now; `null`: nowhere
 * @returns `null`, without calling `work`, where another run is at it or has just been
 */
export async function whileClaimed<T>(
  context: RunContext,
  upload: Upload,
  knownUrl: string | null,
  work: () => Promise<T>,
): Promise<T | null> {
  const { store, clock } = context;
  const runId = runIdOf(context);
  if (!claimUpload(store, upload, { runId, knownUrl, nowMs: clock.nowMs() })) return null;
  const stopRenewing = repeat(clock, RENEWED_EVERY_MS, () => {
    try {
      renewClaim(store, upload, runId, clock.nowMs());
    } catch {
      // A state that takes no write is met by all other work too. Here a file may go up a second time, no more.
    }
  });
  try {
    return await work();
  } finally {
    stopRenewing();
    endClaim(store, upload, runId);
  }
}

/** Until no other run is at this upload. Takes no slot meanwhile; throws when the run's free work ends. */
export async function uploadedElsewhere(context: RunContext, upload: Upload): Promise<void> {
  const { store, clock, freeWork } = context;
  const runId = runIdOf(context);
  while (isUploadedElsewhere(store, upload, { runId, nowMs: clock.nowMs() })) {
    await new Promise<void>((resolve) => {
      const callOff = clock.after(LOOK_EVERY_MS, done);
      freeWork.addEventListener('abort', done, { once: true });
      function done() {
        callOff();
        freeWork.removeEventListener('abort', done);
        resolve();
      }
    });
    freeWork.throwIfAborted();
  }
}

function runIdOf({ journal }: RunContext): string {
  if (journal.runId === null) throw new Error('an upload belongs to a run');
  return journal.runId;
}

/** @returns a function that ends it */
function repeat(clock: Clock, everyMs: number, work: () => void): () => void {
  let callOff = clock.after(everyMs, again);
  function again() {
    callOff = clock.after(everyMs, again);
    work();
  }
  return () => callOff();
}
