import { type BudgetCap, estimatePrice, type PriceFormula, type WholePlan } from '@localize/core';
import type { BatchFixture } from './batch-fixture.js';
import { budgeted } from './budgeted.js';
import { scriptedRoute } from './scripted-provider.js';

type Scope = BudgetCap['scope'];

export const cap = (scope: Scope, micros: number, period: BudgetCap['period'] = 'batch'): BudgetCap => ({
  name: `budget.${scope.kind}.${period}`,
  scope,
  period,
  micros,
});

export const budgetOf = (caps: BudgetCap[], marginPercent = 0) => ({ caps, marginPercent, confirmAboveMicros: 0 });

/** The fixture's plan at another price. */
export function priced(
  batch: BatchFixture,
  price: PriceFormula,
  languages: readonly string[],
  changes: Partial<WholePlan> = {},
): WholePlan {
  const estimate = estimatePrice(price, { billedMs: 5_000, resolution: '480p', frames: null });
  const plan = batch.plan(languages, changes);
  const jobs = plan.jobs.map((job) => ({ ...job, choices: job.choices.map((choice) => ({ ...choice, estimate })) }));
  return { ...plan, jobs, prices: { [scriptedRoute.id]: price } };
}

/** The job of a plan as reports show it, with what it waits for. */
export const budgetedJob = (batch: BatchFixture, plan: WholePlan, key: string) =>
  budgeted(batch.store, batch.snapshot(), plan).jobs.find((job) => job.key === key)!;

export const ASSUMED = { kind: 'assumed', text: 'test', date: '2026-01-01' } as const;

/** Replies wait until the returned function is called. */
export function closeGate(batch: BatchFixture): () => void {
  const gate: { open: () => void } = { open: () => undefined };
  batch.scripted.gate.open = new Promise((resolve) => {
    gate.open = resolve;
  });
  return () => gate.open();
}
