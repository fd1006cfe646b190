import { MICROS_PER_USD, type Micros, parseUsd } from '../../money/money.js';
import { quote, type Reading, scalar, wrongType } from './scalar.js';

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** A presigned URL lives at most this long, and a timer can wait for it. */
export const LONGEST_MS = 7 * UNIT_MS.d;
/** The longest media file: keeps every price within exact integers. */
export const LONGEST_MEDIA_MS = UNIT_MS.d;
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** A length of time with its unit: `31.2s`, `45m`, `24h`, `500ms`. Milliseconds come out, rounded up. */
export function durationField(maximumMs: number = LONGEST_MS) {
  const expected = 'a length with its unit, such as 31.2s, 500ms, 45m or 24h';
  const schema = { type: 'string', pattern: DURATION.source, examples: ['31.2s', '45m'] };
  return scalar<number>(expected, schema, (value) => {
    if (typeof value === 'number') return wrongType(value, `write the unit too, such as ${value}s`);
    if (typeof value !== 'string') return wrongType(value, expected);
    const milliseconds = parseDuration(value);
    if (milliseconds === null) return { problem: `is ${quote(value)}`, expected: durationHint(value) ?? expected };
    if (milliseconds === 0) return { problem: `is ${quote(value)}`, expected: 'more than nothing' };
    if (milliseconds > maximumMs)
      return { problem: `is ${quote(value)}`, expected: `at most ${formatDuration(maximumMs)}` };
    return { value: milliseconds };
  });
}

/** `31.2s` -> 31200; `null` when it is no length. */
export function parseDuration(text: string): number | null {
  const match = DURATION.exec(text.trim());
  if (!match) return null;
  const [, amount = '', unit = 's'] = match;
  const factor = UNIT_MS[unit as keyof typeof UNIT_MS];
  // As integers, since 31.2 * 1000 is not 31200 in binary for every such number.
  const [whole = '0', fraction = ''] = amount.split('.');
  const digits = whole + fraction;
  const scaled = Number(digits) * factor;
  const milliseconds = Number.isSafeInteger(scaled)
    ? dividedUp(scaled, 10 ** fraction.length)
    : Number(dividedUpExactly(BigInt(digits) * BigInt(factor), 10n ** BigInt(fraction.length)));
  return Number.isSafeInteger(milliseconds) ? milliseconds : null;
}

/** Rounded up, for integers that a number holds exactly; a quotient would not say what is left over. */
function dividedUp(amount: number, by: number): number {
  const left = amount % by;
  return (amount - left) / by + (left > 0 ? 1 : 0);
}

function dividedUpExactly(amount: bigint, by: bigint): bigint {
  return (amount + by - 1n) / by;
}

/** The inverse of {@link parseDuration}, in the largest unit that says it exactly. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  for (const unit of ['d', 'h', 'm'] as const) {
    if (milliseconds % UNIT_MS[unit] === 0) return `${milliseconds / UNIT_MS[unit]}${unit}`;
  }
  return milliseconds < 1000 ? `${milliseconds}ms` : `${milliseconds / 1000}s`;
}

function durationHint(text: string): string | null {
  const spelled = /^(\d+(?:\.\d+)?)\s*(milliseconds?|millis|secs?|seconds?|mins?|minutes?|hours?|hrs?|days?)?$/i.exec(
    text.trim(),
  );
  if (spelled) {
    const unit = spelled[2]?.toLowerCase() ?? 's';
    const short = unit.startsWith('mil') ? 'ms' : unit.charAt(0);
    return `${spelled[1]}${short}`;
  }
  const clock = /^(\d+):(\d{2})$/.exec(text.trim());
  if (clock) return `${Number(clock[1]) * 60 + Number(clock[2])}s`;
  const spaced = text.replace(/\s+/g, '');
  return parseDuration(spaced) === null ? null : spaced;
}

/** An amount of US dollars, exact: a plain number or the same in quotes. Micro-dollars come out; what is finer is rounded, and a price below one refused. */
export function usdField({ maximumUsd = 1_000_000_000, rounding = 'up' }: UsdFieldOptions = {}) {
  const expected = 'an amount of US dollars, such as 0.04 or 250';
  return scalar<Micros>(expected, { type: ['number', 'string'], examples: [0.04, 250] }, (value) => {
    if (typeof value !== 'number' && typeof value !== 'string') return wrongType(value, expected);
    const micros = readUsd(value, rounding);
    if (micros === null)
      return { problem: `is ${typeof value === 'string' ? quote(value) : value}`, expected: usdHint(value, expected) };
    if (micros > maximumUsd * MICROS_PER_USD) return { problem: `is ${value}`, expected: `at most ${maximumUsd}` };
    if (rounding === 'up' && isBelowLeast(value))
      return { problem: `is ${value}`, expected: 'at least 0.000001, a millionth of a dollar, or 0' };
    return { value: micros };
  });
}

interface UsdFieldOptions {
  readonly maximumUsd?: number;
  readonly rounding?: 'up' | 'down';
}

/** Rounded up it would be many times what was meant. */
function isBelowLeast(value: number | string): boolean {
  return Number(value) > 0 && Number(value) * MICROS_PER_USD < 0.999_999;
}

function readUsd(amount: number | string, rounding: 'up' | 'down' = 'up'): Micros | null {
  try {
    return parseUsd(amount, rounding);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function usdHint(value: number | string, expected: string): string {
  const amount = String(value)
    .replace(/^\s*(?:\$|usd)\s*|\s*(?:\$|usd)\s*$/gi, '')
    .replace(/^(\d+),(\d{1,2})$/, '$1.$2');
  return amount !== String(value) && readUsd(amount) !== null ? amount : expected;
}

/** A share with its sign: `10%`. The number of per cent comes out. */
export function percentField() {
  const expected = 'a share such as 10% or 0.125%, to a thousandth of a per cent';
  return scalar<number>(expected, { type: 'string', pattern: '^\\d+(\\.\\d{1,3}0*)?%$' }, (value): Reading<number> => {
    if (typeof value === 'number') return wrongType(value, `write the sign too: ${value}%`);
    const match = typeof value === 'string' ? /^(\d+(?:\.\d{1,3}0*)?)\s*%$/.exec(value.trim()) : null;
    if (!match)
      return typeof value === 'string' ? { problem: `is ${quote(value)}`, expected } : wrongType(value, expected);
    return { value: Number(match[1]) };
  });
}
