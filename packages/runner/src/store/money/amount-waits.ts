import {
  type BudgetCap,
  covers,
  firstShellWord,
  isForAmount,
  type JobSnapshot,
  type Offer,
  type RouteId,
  type SnapshotFrame,
  unknownUnder,
} from '@localize/core';
import { bootClock } from '../clock/boot-clock.js';
import type { JobOffers } from '../placement/job-offers.js';
import { type UnpricedAttempt, unpricedAttemptWords, unpricedMend } from '../snapshot/edited-counts.js';
import type { Store } from '../store.js';
import { blockWords, isOfLength, type RouteBlock, settleCommand, unpricedRouteWords } from './route-blocks.js';
import { awaitsPrice } from './seen-prices.js';

/** An amount that a job waits for, since the budget can let nothing through without it. */
type Unknown =
  | { readonly kind: 'block'; readonly block: RouteBlock & { readonly route: RouteId } }
  /** Its route has no price, and a cap counts it. */
  | { readonly kind: 'price'; readonly offer: Offer; readonly cap: BudgetCap }
  /** Of what was bought under a cap: nobody knows what that has left. */
  | { readonly kind: 'spent'; readonly attempts: readonly UnpricedAttempt[] }
  /** The first create on its route, which is to show the price, has no bill yet. */
  | { readonly kind: 'reply'; readonly route: RouteId };

type Amount = Required<Pick<JobSnapshot, 'waitsForAmount' | 'reason' | 'mend'>>;

/**
 * Tells of jobs that are still to be bought which amount they wait for, where none of their routes can be bought without
 * one that nobody knows, and of held ones that they do.
 * @param store `null`: there is no state yet
 */
export class AmountWaits {
  readonly #frame: SnapshotFrame;
  readonly #unknownOf: (job: JobOffers) => Unknown | null;
  readonly #waiting = new Map<string, Unknown>();

  constructor(
    store: Store | null,
    under: { readonly caps: readonly BudgetCap[]; readonly unpriced: readonly UnpricedAttempt[] },
    frame: SnapshotFrame,
  ) {
    this.#frame = frame;
    this.#unknownOf = unknownUnderCaps(store, under);
  }

  add(job: JobOffers): void {
    const unknown = this.#unknownOf(job);
    if (unknown !== null) this.#waiting.set(job.key, unknown);
  }

  /** @param isToBuy whether it is among those: such a one that is held waits no more once its amount is known */
  of(job: JobSnapshot, isToBuy: boolean): Partial<Amount> {
    const unknown = this.#waiting.get(job.key);
    const { state, holdReason } = job.remaking ?? job;
    // What is held tells itself why.
    if (unknown !== undefined && state !== 'held') return amount(unknown, this.#frame, job);
    if (unknown === undefined && isToBuy) return {};
    return state === 'held' && holdReason !== null && isForAmount(holdReason) ? { waitsForAmount: 'person' } : {};
  }
}

function unknownUnderCaps(
  store: Store | null,
  { caps, unpriced }: { readonly caps: readonly BudgetCap[]; readonly unpriced: readonly UnpricedAttempt[] },
): (job: JobOffers) => Unknown | null {
  const awaited = new Map<RouteId, boolean>();
  const isAwaited = (route: RouteId) => {
    const known = awaited.get(route) ?? (store !== null && awaitsPrice(store, route, bootClock(store).nowMs()));
    awaited.set(route, known);
    return known;
  };
  const unknownOf = ({ language, labels }: JobOffers, offer: Offer): Unknown | null => {
    const { route, provider, certainty } = offer;
    const isCounted = (cap: BudgetCap) => covers(cap, { provider, language, labels });
    const own = caps.filter(isCounted);
    const [cap] = own;
    if (cap === undefined) return null;
    if (unknownUnder(own, offer) === 'capped') return { kind: 'price', offer, cap };
    const attempts = unpriced.filter((attempt) => isCounted(attempt.cap));
    if (attempts.length > 0) return { kind: 'spent', attempts };
    return certainty === 'floor' && isAwaited(route) ? { kind: 'reply', route } : null;
  };
  return (job) => {
    if (job.blocked !== null) return { kind: 'block', block: job.blocked };
    const [first = null, ...others] = job.offers.map((offer) => unknownOf(job, offer));
    return others.includes(null) ? null : first;
  };
}

function amount(unknown: Unknown, { batch, manifest }: SnapshotFrame, { state, remaking }: JobSnapshot): Amount {
  const isMade = state === 'succeeded';
  const again = `localize ${manifest}${isMade && !remaking ? ' --remake' : ''}`;
  const setPrice = `set its price in ${firstShellWord(manifest)}, then: ${again}`;
  const setDuration = `set its right duration in ${firstShellWord(manifest)}, then: ${again}; and localize retry ${manifest} for what it holds`;
  const words = (reason: string) => (isMade ? `not made again: ${reason}` : reason);
  switch (unknown.kind) {
    case 'block': {
      const { block } = unknown;
      const accept = block.kind === 'closed' ? ` | accept what it billed: localize retry ${manifest}` : '';
      const unlost = isOfLength(block) ? setDuration : `${setPrice}${accept}`;
      const mend = block.kind === 'lost' ? settleCommand(block.lost, { batch, manifest }) : unlost;
      return { waitsForAmount: 'person', reason: words(blockWords(block.route, block)), mend };
    }
    case 'price': {
      const reason = unpricedRouteWords(unknown.offer, unknown.cap);
      return { waitsForAmount: 'person', reason: words(reason), mend: setPrice };
    }
    case 'spent': {
      const { attempts } = unknown;
      const mend = `${unpricedMend(attempts)}, then: ${again}`;
      return { waitsForAmount: 'person', reason: words(unpricedAttemptWords(attempts)), mend };
    }
    case 'reply': {
      const reason = `${unknown.route} has only a minimum for its price, and the first create there is not billed yet`;
      return { waitsForAmount: 'reply', reason: words(reason), mend: again };
    }
  }
}
