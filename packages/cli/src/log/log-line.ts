import { mapFreeTexts, type Secret, secretRemover, withoutCredentials } from '@localize/core';
import type { LogRecord } from './log-record.js';

/**
 * Turns records into lines: one JSON object each, with `time` and `level` first. Whatever free text a record is made
 * of, its line holds none of the secrets and no signed query: this is the one place that a log's line passes.
 */
export function createLogLine(secrets: readonly Secret[], base: Readonly<Record<string, unknown>> = {}) {
  const withoutSecrets = secretRemover(secrets);
  const clean = (text: string) => withoutCredentials(withoutSecrets(text));
  return ({ level, atMs, ...fields }: LogRecord): string => {
    const record = { time: new Date(atMs).toISOString(), level, ...base, ...fields };
    return JSON.stringify(mapFreeTexts(record, clean));
  };
}
