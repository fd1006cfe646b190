import { setTimeout as sleep } from 'node:timers/promises';
import type { Notice } from './notice.js';
import type { NoticeTarget } from './notice-targets.js';

/** Sends notices to who wants their kind, and waits for nobody. What cannot be told is a problem, said once a target. */
export function createOutbox(targets: readonly NoticeTarget[], onProblem: (message: string) => void) {
  const failing = new Set<string>();
  /** Who is being told. */
  const underWay = new Map<Promise<void>, string>();

  function fail(name: string, why: string): void {
    if (!failing.has(name)) onProblem(`${name} was not told: ${why}`);
    failing.add(name);
  }

  return {
    send(notice: Notice): void {
      for (const target of targets.filter(({ kinds }) => kinds.includes(notice.kind))) {
        const delivery = target.deliver(notice).catch((error: unknown) => fail(target.name, (error as Error).message));
        underWay.set(delivery, target.name);
        void delivery.then(() => underWay.delete(delivery));
      }
    },
    /** Waits so long for those who are being told. */
    async close(patienceMs: number): Promise<void> {
      await Promise.race([Promise.all(underWay.keys()), sleep(patienceMs, undefined, { ref: false })]);
      for (const name of underWay.values()) fail(name, 'no answer in time');
    },
  };
}
