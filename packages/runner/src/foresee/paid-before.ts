import { sep } from 'node:path';
import type { Plan } from '@localize/core';
import { batchFolder } from '../output-paths.js';
import { adoptedId, isAdopted, isOwnPrediction, predictionOf } from '../store/adopted.js';
import type { PaidBefore } from '../store/paid-before.js';
import type { Store } from '../store/store.js';
import type { LooseResults } from './loose-results.js';

/** What the sidecars in the batch's own folder say was paid, as far as the state does not count it yet. */
export function paidBefore(store: Store | null, plan: Plan, { all }: LooseResults, nowMs: number): PaidBefore[] {
  const folder = `${batchFolder(plan)}${sep}`;
  const own = all.filter(({ path }) => path.startsWith(folder));
  if (own.length === 0) return [];
  const planned = new Map([...plan.jobs].map((job) => [job.key, job]));
  const counted = new Map<string, PaidBefore>();
  for (const { sidecar } of own) {
    const job = planned.get(sidecar.job);
    const prediction = predictionOf(sidecar, nowMs);
    const { provider, predictionId, billedMicros, estimateMicros, madeAt } = prediction;
    const id = adoptedId(prediction, sidecar);
    const isCounted = store !== null && (isOwnPrediction(store, provider, predictionId) || isAdopted(store, id));
    if (job === undefined || isCounted || counted.has(id)) continue;
    const { language, labels } = job;
    const amounts = {
      billedMicros: billedMicros ?? 0,
      atRiskMicros: billedMicros === null ? (estimateMicros ?? 0) : 0,
    };
    counted.set(id, { provider, language, labels, ...amounts, madeAtMs: madeAt });
  }
  return [...counted.values()];
}
