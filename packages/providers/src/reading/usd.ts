import { MICROS_PER_USD, type Micros } from '@localize/core';

/** An amount of US dollars in a reply, to the nearest micro-dollar; `null` for anything that is no amount. */
export function readUsd(value: unknown): Micros | null {
  const amount = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof amount !== 'number' || !Number.isFinite(amount) || amount < 0) return null;
  const micros = Math.round(amount * MICROS_PER_USD);
  return Number.isSafeInteger(micros) ? micros : null;
}
