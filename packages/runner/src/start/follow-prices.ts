import type { RunContext } from '../run-context.js';
import { orderByPrice } from '../store/money/order-by-price.js';
import { prepared } from '../store/prepared.js';
import type { Store } from '../store/store.js';

/** Notices that somebody has accepted what a route bills, while a run is at work. */
export class AcceptedWatch {
  readonly #store: Store;
  #known: string;

  constructor(store: Store) {
    this.#store = store;
    this.#known = stampOf(store);
  }

  /** Since it was asked last. */
  hasChanged(): boolean {
    const before = this.#known;
    this.#known = stampOf(this.#store);
    return this.#known !== before;
  }
}

function stampOf(store: Store): string {
  const row = prepared<[], { stamp: string }>(
    store,
    `SELECT count(*) || ' ' || total(billed_micros) || ' ' || total(estimate_micros) AS stamp FROM accepted_prices`,
  ).get();
  return row?.stamp ?? '';
}

/** What waits needs as much as is expected by now, and goes to what is the cheapest by that. */
export function followPrices({ accepted, journal, store, batchId, plan, spending }: RunContext): void {
  if (!accepted.hasChanged()) return;
  journal.transact(() => orderByPrice(store, batchId, plan.prices, 'unmoved'));
  spending.purses?.reprice();
}
