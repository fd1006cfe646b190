import { plainText } from '@localize/core';
import type { HistoryEntry } from '@localize/runner';

const LONGEST_TEXT = 20_000;

/** One entry of a job's history, as `localize logs --json` prints it. */
export function historyJson({ atMs, runId, kind, attempt, attemptId, route, lane, data }: HistoryEntry) {
  const at = new Date(atMs).toISOString();
  return { at, kind, run_id: runId, attempt, attempt_id: attemptId, route, lane, data: forScripts(data) };
}

/** Under names like those of all other output. What providers say is kept as they said it, and may name a signed URL. */
function forScripts(value: unknown): unknown {
  if (typeof value === 'string') return plainText(value, LONGEST_TEXT);
  if (Array.isArray(value)) return value.map(forScripts);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [snakeCase(name), forScripts(each)]));
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
}
