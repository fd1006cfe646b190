import { sep } from 'node:path';
import type { Plan, PlannedJob, RouteId } from '@localize/core';
import { batchFolder } from '../output-paths.js';
import { adoptedId, isCounted, predictionOf } from '../store/adopted.js';
import { priceOf } from '../store/expected-prices.js';
import type { PaidBefore } from '../store/paid-before.js';
import type { Store } from '../store/store.js';
import type { TakenFrom } from './free-results.js';
import type { LooseResults } from './loose-results.js';

/**
 * What sidecars say was paid, as far as the state does not count it yet: those in the batch's own folder, and those of the
 * results that jobs take over from elsewhere.
 */
export function paidBefore(
  store: Store | null,
  plan: Plan,
  { loose, free }: { readonly loose: LooseResults; readonly free: ReadonlyMap<string, TakenFrom> },
  nowMs: number,
): PaidBefore[] {
  const folder = `${batchFolder(plan)}${sep}`;
  const own = loose.all
    .filter(({ path }) => path.startsWith(folder))
    .map(({ sidecar }) => ({ key: sidecar.job, sidecar }));
  const taken = [...free].flatMap(([key, from]) =>
    from.kind !== 'twin' && from.sidecar ? [{ key, sidecar: from.sidecar }] : [],
  );
  if (own.length + taken.length === 0) return [];
  const planned = new Map([...plan.jobs].map((job) => [job.key, job]));
  const counted = new Map<string, PaidBefore>();
  for (const { key, sidecar } of [...own, ...taken]) {
    const job = planned.get(key);
    const prediction = predictionOf(sidecar, nowMs);
    const { provider, route, billedMicros, estimateMicros, madeAt } = prediction;
    const id = adoptedId(prediction, sidecar);
    if (job === undefined || (store !== null && isCounted(store, sidecar, nowMs)) || counted.has(id)) continue;
    const { language, labels } = job;
    const expected = billedMicros ?? estimateMicros ?? priceOfJob(plan, job, route);
    const amounts = {
      billedMicros: billedMicros ?? 0,
      inFlightMicros: 0,
      atRiskMicros: billedMicros === null ? (expected ?? 0) : 0,
      unpricedAttempts: expected === null ? 1 : 0,
    };
    counted.set(id, { provider, language, labels, ...amounts, madeAtMs: madeAt });
  }
  return [...counted.values()];
}

/** By the manifest's prices; `null`: nobody knows. */
function priceOfJob({ prices }: Plan, { choices, heardMs, durationMs: planned }: PlannedJob, route: RouteId) {
  const durationMs = heardMs ?? planned;
  const { resolution = null, frames = null } = choices.find((choice) => choice.route === route)?.input ?? {};
  return priceOf(prices, { route, resolution, frames, durationMs });
}
