import { LocalizeError } from '@localize/core';

/** Numbers that a program gives a run; the command line reads its own. */
export interface RunNumbers {
  readonly maxMicros?: number | null | undefined;
  readonly waitMs?: number | null | undefined;
  readonly stopAfterMs?: number | null | undefined;
}

/** A timer takes no more than this: 24 days and a bit. */
export const LONGEST_MS = 2 ** 31 - 1;

/**
 * A number that came out wrong must not read as no limit, or end a run in its midst.
 * @throws LocalizeError USAGE
 */
export function refuseWrongNumbers({ maxMicros, waitMs, stopAfterMs }: RunNumbers): void {
  const isMicros = (value: number) => Number.isSafeInteger(value) && value >= 0;
  refuse('maxMicros', maxMicros, isMicros, 'a whole number of micro-dollars');
  refuse('waitMs', waitMs, (value) => value >= 0, 'milliseconds, Infinity for no end');
  refuse('stopAfterMs', stopAfterMs, (value) => value >= 0 && value <= LONGEST_MS, 'milliseconds, 24 days at most');
}

function refuse(
  name: keyof RunNumbers,
  value: number | null | undefined,
  isRight: (value: number) => boolean,
  right: string,
): void {
  if (value === null || value === undefined || isRight(value)) return;
  throw new LocalizeError('USAGE', `\`${name}\` is ${value}`, { hint: `it takes ${right}` });
}
