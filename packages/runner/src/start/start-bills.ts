import type { RunContext } from '../run-context.js';
import { type BillSearch, seekBills } from '../take-up/seek-bills.js';
import type { Tasks } from '../tasks.js';

const FIRST_MS = 60_000;
const MOST_WAIT_MS = 10 * 60_000;
/** What is older was asked about while it was among these, and is once more when the run ends. */
const AT_A_LOOK: BillSearch = { completed: 64, failed: 8, among: 5_000 };

/** When a run asks for late bills again. */
export interface BillWatch {
  atMs: number;
  waitMs: number;
}

/**
 * Asks every minute for bills that come after their results, less often where none does: a run of a whole night would else
 * learn at its end that its first results had cost more than a budget had reserved.
 */
export function startBills(context: RunContext, tasks: Tasks): void {
  const nowMs = context.clock.nowMs();
  const { bills } = context.spending;
  if (nowMs < bills.atMs || tasks.count('bills') > 0) return;
  tasks.start('bills', 0, async () => {
    const told = await seekBills(context, AT_A_LOOK);
    bills.waitMs = told > 0 ? FIRST_MS : Math.min(bills.waitMs * 2, MOST_WAIT_MS);
    bills.atMs = context.clock.nowMs() + bills.waitMs;
  });
}

export function billWatch(nowMs: number): BillWatch {
  return { atMs: nowMs + FIRST_MS, waitMs: FIRST_MS };
}
