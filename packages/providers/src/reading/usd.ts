import { MICROS_PER_USD, type Micros } from '@localize/core';

const MICROS_PER_CENT = MICROS_PER_USD / 100;
const DECIMAL = /^\d+(?:\.\d+)?$/;

/** An amount of US dollars in a reply, to the nearest micro-dollar; `null` for anything that is no amount. */
export function readUsd(value: unknown): Micros | null {
  return readAmount(value, MICROS_PER_USD);
}

/** Likewise of US cents. */
export function readCents(value: unknown): Micros | null {
  return readAmount(value, MICROS_PER_CENT);
}

/** A number, or a plain decimal in a text: neither hexadecimal nor an exponent is how anybody writes money. */
function readAmount(value: unknown, microsPerUnit: number): Micros | null {
  const amount = typeof value === 'string' && DECIMAL.test(value.trim()) ? Number(value) : value;
  if (typeof amount !== 'number' || !Number.isFinite(amount) || amount < 0) return null;
  const micros = Math.round(amount * microsPerUnit);
  return Number.isSafeInteger(micros) ? micros : null;
}
