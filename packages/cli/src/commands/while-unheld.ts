import { LocalizeError } from '@localize/core';
import { isHeld } from '../batch/when-free.js';

/**
 * Does what changes a batch, which no run may be at work on.
 * @param again what names the batch in a command
 * @throws LocalizeError BATCH_LOCKED that says how to look at that run, and what comes after it
 */
export async function whileUnheld<T>(again: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isHeld(error) ? withNext(error, again, 'once it has ended, give this command again') : error;
  }
}

/** Who holds a batch, with the commands that come next. */
export function withNext(error: LocalizeError, again: string, next: string): LocalizeError {
  const hint = [error.hint, `localize status ${again} shows how far it is`, next].filter(Boolean).join('; ');
  return new LocalizeError(error.code, error.message, { hint, cause: error });
}
