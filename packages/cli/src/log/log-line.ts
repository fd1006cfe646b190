import { mapFreeTexts, withoutCredentials } from '@localize/core';
import type { LogRecord } from './log-record.js';

/**
 * Turns records into lines: one JSON object each, with `time` and `level` first. Whatever free text a record is made
 * of, its line holds none of the secrets and no signed query: this is the one place that a log's line passes.
 * @param withoutSecrets takes keys out of a text
 * @param base stands on every line
 */
export function createLogLine(withoutSecrets: (text: string) => string, base: Readonly<Record<string, unknown>> = {}) {
  const clean = (text: string) => withoutCredentials(withoutSecrets(text));
  return ({ level, atMs, ...fields }: LogRecord, more: Readonly<Record<string, unknown>> = {}): string => {
    const record = { time: new Date(atMs).toISOString(), level, ...base, ...fields, ...more };
    return JSON.stringify(mapFreeTexts(record, clean));
  };
}
