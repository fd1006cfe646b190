import type { RunContext } from '../run-context.js';
import { isOwnedElsewhere } from '../store/former/is-owned-elsewhere.js';
import { isBusy } from '../store/open/unless-busy.js';
import { type AcceptedCreate, KeptCreate, rescuePaths } from '../store/rescue/rescue-file.js';
import { findRow } from '../store/rows.js';
import { attempts } from '../store/schema/schema.js';

const SAVE_TRIES = 5;
/** The next run looks for what became of a create that is not known to have been accepted. */
const UNPAID_TRIES = 1;
/** Half a minute: a lock ends by itself, unlike a disk that is full. */
const LOCKED_TRIES = 20;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Writes down what a create's reply proves, also where another process has the state locked for a while.
 * @throws what the last try threw
 */
export function saveReply(context: RunContext, save: () => void): Promise<void> {
  return saveWithin(context, UNPAID_TRIES, save, () => undefined);
}

/**
 * Writes down the id of a paid prediction. From the first try that fails until one succeeds it stands in the rescue file.
 * @throws IdNotSavedError; SqliteError when the id is another attempt's
 */
export async function saveAccepted(context: RunContext, create: AcceptedCreate, save: () => void): Promise<void> {
  let kept: KeptCreate | null = null;
  const keep = () => {
    kept ??= new KeptCreate(rescuePaths(context.store.path, context.plan.batch), create);
    kept.keep();
    return kept;
  };
  // Another batch's start may have read it in the file that all share.
  const saveUnlessImported = () => {
    if (kept === null || !isImported(context, create)) save();
  };
  const forget = () => kept?.forget();
  try {
    await saveWithin(context, SAVE_TRIES, saveUnlessImported, keep);
  } catch (error) {
    if (!isOwnedElsewhere(error)) keep().giveUp(error);
    forget();
    throw error;
  }
  forget();
}

/**
 * This process lives on between two tries; a stop makes them few.
 * @param tries unless it is a lock that keeps it
 * @param onFailure is told of every try that failed
 */
async function saveWithin(context: RunContext, tries: number, save: () => void, onFailure: () => void): Promise<void> {
  for (let done = 1; ; done += 1) {
    try {
      return await context.journal.durably(save);
    } catch (error) {
      if (isOwnedElsewhere(error)) throw error;
      onFailure();
      if (done >= triesFor(context, error, tries)) throw error;
    }
    await pause(context, Math.min(200 * done, LONGEST_PAUSE_MS));
  }
}

function triesFor({ options: { stop } }: RunContext, error: unknown, usual: number): number {
  if (!isBusy(error)) return usual;
  return stop?.aborted ? SAVE_TRIES : LOCKED_TRIES;
}

function isImported({ store }: RunContext, { attemptId, predictionId }: AcceptedCreate): boolean {
  return findRow(store, attempts, 'WHERE id = ?', attemptId)?.predictionId === predictionId;
}

/** A stop that comes meanwhile ends it. */
function pause({ clock, options: { stop } }: RunContext, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const callOff = clock.after(ms, end);
    function end(): void {
      callOff();
      stop?.removeEventListener('abort', end);
      resolve();
    }
    stop?.addEventListener('abort', end);
  });
}
