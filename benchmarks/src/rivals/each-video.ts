import PQueue from 'p-queue';
import type { RivalOrder } from './order.js';

/**
 * Makes every video of an order through a queue in memory, within its limits as the queue keeps them. What fails is said
 * and left alone; the process ends with 1 then.
 */
export async function eachVideo(order: RivalOrder, make: (index: number) => Promise<void>): Promise<void> {
  const { concurrent: concurrency, limit } = order;
  const pace = limit && { intervalCap: limit.creates, interval: limit.perMs, strict: true };
  const queue = new PQueue({ concurrency, ...pace });
  for (let index = 0; index < order.count; index += 1) {
    queue.add(() => make(index)).catch((error: unknown) => failed(index, error));
  }
  await queue.onIdle();
}

export function failed(index: number, error: unknown): void {
  process.stderr.write(`${index}: ${error}\n`);
  process.exitCode = 1;
}
