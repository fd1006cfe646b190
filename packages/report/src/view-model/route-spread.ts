import { type JobSnapshot, type Micros, plainText } from '@localize/core';
import { formatMoney, formatNumber } from './format.js';
import { type Tally, tallied } from './tally.js';

/** What the same jobs cost on another route than the one that they have. */
export interface RouteSpread {
  readonly route: string;
  /** Jobs that could go there by their settings. */
  readonly jobs: number;
  /** Their estimates there, and where they are. */
  readonly thereMicros: Micros;
  readonly hereMicros: Micros;
}

/**
 * The spread between routes for the same work: for each route, the jobs that their settings would also let it make, by
 * estimate there and where they are. A job that nothing was bought for, or that some estimate is not known of, says nothing; the most work first.
 */
export class RouteSpreadTally implements Tally<RouteSpread[]> {
  readonly #spreads = new Map<string, { jobs: number; thereMicros: Micros; hereMicros: Micros }>();

  add({ route, estimateMicros, alternatives = [], orphaned, takenFrom }: JobSnapshot): void {
    if (orphaned || takenFrom || estimateMicros === null) return;
    for (const other of alternatives) {
      if (other.route === route || other.estimateMicros === null) continue;
      const spread = this.#spreads.get(other.route) ?? { jobs: 0, thereMicros: 0, hereMicros: 0 };
      spread.jobs += 1;
      spread.thereMicros += other.estimateMicros;
      spread.hereMicros += estimateMicros;
      this.#spreads.set(other.route, spread);
    }
  }

  result(): RouteSpread[] {
    return [...this.#spreads]
      .map(([route, spread]) => ({ route: plainText(route), ...spread }))
      .sort((a, b) => b.hereMicros - a.hereMicros);
  }
}

/** One line of the spread, ready to be laid out. */
export interface RouteSpreadRow {
  readonly route: string;
  readonly jobs: string;
  readonly there: string;
  readonly here: string;
  /** `$1.20 less`, `$0.30 more`, `the same`. */
  readonly difference: string;
}

export function routeSpreadRows(jobs: readonly JobSnapshot[]): RouteSpreadRow[] {
  return tallied(jobs, new RouteSpreadTally()).map(({ route, jobs: count, thereMicros, hereMicros }) => ({
    route,
    jobs: formatNumber(count),
    there: formatMoney(thereMicros),
    here: formatMoney(hereMicros),
    difference: differenceWords(thereMicros - hereMicros),
  }));
}

function differenceWords(micros: Micros): string {
  if (micros === 0) return 'the same';
  return `${formatMoney(Math.abs(micros))} ${micros > 0 ? 'more' : 'less'}`;
}
