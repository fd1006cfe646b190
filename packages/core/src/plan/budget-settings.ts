import type { BudgetFields } from '../manifest/manifest.js';
import type { BudgetCap, BudgetPeriod, BudgetScope } from '../money/budget.js';
import type { BudgetSettings } from './plan.js';

const PERIODS = { max_usd: 'batch', per_day_usd: 'day', per_month_usd: 'month' } as const satisfies Record<
  string,
  BudgetPeriod
>;

/** The manifest's `budget` as a flat list of caps. */
export function budgetSettings(budget: BudgetFields = {}): BudgetSettings {
  return { caps: capsOf('budget', { kind: 'all' }, budget), marginPercent: budget.margin ?? 0 };
}

type CapFields = Pick<BudgetFields, keyof typeof PERIODS>;

function capsOf(path: string, scope: BudgetScope, fields: CapFields): BudgetCap[] {
  return Object.entries(PERIODS).flatMap(([field, period]) => {
    const micros = fields[field as keyof typeof PERIODS];
    return micros === undefined ? [] : [{ name: `${path}.${field}`, scope, period, micros }];
  });
}
