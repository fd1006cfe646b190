/**
 * Money is a whole number of micro-dollars: 1 USD = 1 000 000. Nothing in this project adds, compares or stores a
 * fraction of one, and a price that nobody knows is `null`, never zero.
 */
export type Micros = number;

export const MICROS_PER_USD = 1_000_000;

const DECIMAL = /^(\d+)(?:\.(\d+))?$/;

/**
 * Reads a decimal amount of US dollars exactly: `0.04`, `"0.15"`.
 * Digits beyond the micro-dollar are rounded up, so that an estimate never falls below the price it came from; what is
 * the most that may be spent is rounded down.
 * @throws RangeError when the text is no plain non-negative decimal.
 */
export function parseUsd(amount: number | string, rounding: 'up' | 'down' = 'up'): Micros {
  const text = typeof amount === 'number' ? plainDecimal(amount) : amount.trim();
  const match = DECIMAL.exec(text);
  if (!match) throw new RangeError(`an amount of US dollars is a plain decimal such as 0.15, not ${text}`);
  const [, whole = '0', fraction = ''] = match;
  const micros = Number(whole) * MICROS_PER_USD + Number(fraction.slice(0, 6).padEnd(6, '0'));
  const rest = rounding === 'up' && /[1-9]/.test(fraction.slice(6)) ? 1 : 0;
  return assertMicros(micros + rest);
}

/** `150000` -> `"0.15"`: at least two decimals, at most six, no rounding. */
export function formatUsd(micros: Micros): string {
  const sign = micros < 0 ? '-' : '';
  const value = Math.abs(assertMicros(micros));
  const whole = Math.floor(value / MICROS_PER_USD);
  const fraction = String(value % MICROS_PER_USD)
    .padStart(6, '0')
    .replace(/0+$/, '')
    .padEnd(2, '0');
  return `${sign}${whole}.${fraction}`;
}

/** @throws RangeError when the value is no safe integer. */
export function assertMicros(value: number): Micros {
  if (!Number.isSafeInteger(value)) throw new RangeError(`money is a whole number of micro-dollars, not ${value}`);
  return value;
}

function plainDecimal(amount: number): string {
  const text = String(amount);
  return text.includes('e') ? amount.toFixed(12).replace(/\.?0+$/, '') : text;
}
