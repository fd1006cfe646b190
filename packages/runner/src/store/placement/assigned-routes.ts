import {
  type BudgetCap,
  type CapSpending,
  type JobSnapshot,
  JobsUnderCaps,
  type Micros,
  type RouteId,
} from '@localize/core';
import { assignedRoute, type JobOffers } from './job-offers.js';

/** Where a job that is still to be bought would be bought now, and what is expected to be paid for it. */
interface Place {
  readonly route: RouteId;
  readonly estimateMicros: Micros | null;
}

/** Jobs that are still to be bought, where the caps let them go, one after the other: as a plan of them has it. */
export class AssignedRoutes {
  readonly #outlook: JobsUnderCaps;
  readonly #places = new Map<string, Place | null>();
  /** One for all that are alike: there may be a hundred thousand jobs. */
  readonly #alike = new Map<string, Place>();
  readonly #blocked = new Set<string>();

  constructor(caps: readonly BudgetCap[], spent: readonly CapSpending[], marginPercent: number) {
    this.#outlook = new JobsUnderCaps(caps, spent, marginPercent);
  }

  place(job: JobOffers): void {
    if (job.blocked !== null) this.#blocked.add(job.key);
    const route = assignedRoute(job, this.#outlook.place(job));
    const offer = job.offers.find((each) => each.route === route) ?? job.first;
    this.#places.set(job.key, offer && this.#placeLike(offer));
  }

  #placeLike({ route, estimateMicros }: Place): Place {
    const id = `${estimateMicros} ${route}`;
    const known = this.#alike.get(id) ?? { route, estimateMicros };
    this.#alike.set(id, known);
    return known;
  }

  end() {
    return this.#outlook.end();
  }

  /** Whether it is among them. */
  has(key: string): boolean {
    return this.#places.has(key);
  }

  /** Whether no route takes it, whatever room the caps have. */
  isBlocked(key: string): boolean {
    return this.#blocked.has(key);
  }

  /** A job at its place, where it waits for the next run or for this one; what is on its way to a route stays there. */
  atPlace(job: JobSnapshot): JobSnapshot {
    const place = this.#places.get(job.key) ?? null;
    if (place === null || (job.state !== 'pending' && job.state !== 'held')) return job;
    const { route, estimateMicros } = place;
    return job.route === route && job.estimateMicros === estimateMicros ? job : { ...job, route, estimateMicros };
  }
}
