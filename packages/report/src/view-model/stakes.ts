import type { JobSnapshot, Micros } from '@localize/core';
import { formatMoney } from './format.js';
import { moneyFigures } from './money-figures.js';

/** What hangs on a stopped job, or on all of a group. */
export interface Stakes {
  /** May have been charged; `null` when it may have been, and nobody knows how much. */
  readonly atRiskMicros: Micros | null;
  /** Reserved for what the provider still works on. */
  readonly inFlightMicros: Micros;
  /** Charged for certain, for what stopped. */
  readonly billedMicros: Micros;
  /** All that is billed for the job by now, also for a video that it has or had before. */
  readonly paidMicros: Micros;
  /** Part of it: paid, and the result is gone. */
  readonly lostMicros: Micros;
}

/**
 * `an unknown amount at risk`, `$0.20 at risk`, `$0.15 lost`, `$0.15 billed`: what hangs on a stopped job, or on all of a
 * group. What a job that waits was billed is for a video that it had before.
 */
export function stakeWords({
  state,
  atRiskMicros,
  inFlightMicros,
  billedMicros,
  lostMicros,
}: Stakes & { readonly state: string }): string[] {
  const atRisk = atRiskMicros === null ? 'an unknown amount' : atRiskMicros > 0 ? formatMoney(atRiskMicros) : null;
  return [
    ...(atRisk === null ? [] : [`${atRisk} at risk`]),
    ...(inFlightMicros > 0 ? [`${formatMoney(inFlightMicros)} in flight`] : []),
    ...(lostMicros > 0 ? [`${formatMoney(lostMicros)} lost`] : []),
    ...(billedMicros > 0 && lostMicros === 0 && state !== 'waiting' ? [`${formatMoney(billedMicros)} billed`] : []),
  ];
}

/** What hangs on one job. */
export function stakesOf(job: JobSnapshot): Stakes {
  const { unknownAttempts, atRiskMicros, inFlightMicros, billedMicros, lostMicros } = moneyFigures([job]);
  const paidMicros = billedMicros;
  // What such a one was billed is for the video that it has.
  if (job.remaking) return { atRiskMicros: 0, inFlightMicros: 0, billedMicros: 0, lostMicros: 0, paidMicros };
  return {
    atRiskMicros: unknownAttempts > 0 ? null : atRiskMicros,
    inFlightMicros,
    billedMicros,
    lostMicros,
    paidMicros,
  };
}

/** What hangs on all of them together. */
export function sumStakes(all: readonly Stakes[]): Stakes {
  const sum = (of: 'inFlightMicros' | 'billedMicros' | 'lostMicros' | 'paidMicros') =>
    all.reduce((total, each) => total + each[of], 0);
  const atRisk = all.map(({ atRiskMicros }) => atRiskMicros);
  return {
    atRiskMicros: atRisk.includes(null) ? null : atRisk.reduce<number>((total, micros) => total + (micros ?? 0), 0),
    inFlightMicros: sum('inFlightMicros'),
    billedMicros: sum('billedMicros'),
    lostMicros: sum('lostMicros'),
    paidMicros: sum('paidMicros'),
  };
}
