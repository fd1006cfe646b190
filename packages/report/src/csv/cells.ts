import { formatUsd, type Micros } from '@localize/core';
import type { CsvValue } from './csv.js';

/** US dollars, exact; what nobody knows is empty. */
export function usdCell(micros: Micros | null | undefined): CsvValue {
  return micros === null || micros === undefined ? null : formatUsd(micros);
}

/** Seconds of milliseconds. */
export function secondsCell(ms: number | null | undefined): CsvValue {
  return ms === null || ms === undefined ? null : ms / 1000;
}

/** ISO 8601 in UTC. */
export function timeCell(epochMs: number | null | undefined): CsvValue {
  return epochMs === null || epochMs === undefined ? null : new Date(epochMs).toISOString();
}

export function yesNoCell(value: boolean | undefined): CsvValue {
  if (value === undefined) return null;
  return value ? 'yes' : 'no';
}
