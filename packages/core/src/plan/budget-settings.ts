import { canonicalTag } from '../manifest/expand-track.js';
import { canonicalLabel } from '../manifest/label-name.js';
import type { BudgetFields, CapFields, Manifest } from '../manifest/manifest.js';
import type { ManifestIssue } from '../manifest/manifest-issue.js';
import { type BudgetCap, type BudgetPeriod, type BudgetScope, covers } from '../money/budget.js';
import { MICROS_PER_USD } from '../money/money.js';
import { nearestWord } from '../text/nearest.js';
import type { BudgetSettings, PlannedJob } from './plan.js';

/** A run that would newly spend more than this asks first, unless the manifest says otherwise. */
export const CONFIRM_ABOVE_MICROS = 10 * MICROS_PER_USD;

const PERIODS = { max_usd: 'batch', per_day_usd: 'day', per_month_usd: 'month' } as const satisfies Record<
  string,
  BudgetPeriod
>;

/** The manifest's `budget` as a flat list of caps. */
export function budgetSettings(budget: BudgetFields = {}): BudgetSettings {
  const { providers = {}, languages = {}, labels = {} } = budget;
  const caps = [
    ...capsOf('budget', { kind: 'all' }, budget),
    ...Object.entries(providers).flatMap(([provider, fields]) =>
      capsOf(`budget.providers.${provider}`, { kind: 'provider', provider }, fields),
    ),
    ...Object.entries(languages).flatMap(([tag, fields]) =>
      capsOf(`budget.languages.${tag}`, { kind: 'language', language: canonicalTag(tag) }, fields),
    ),
    ...Object.entries(labels).flatMap(([label, values]) =>
      Object.entries(values).flatMap(([value, fields]) =>
        capsOf(`budget.labels.${label}.${value}`, labelScope(label, value), fields),
      ),
    ),
  ];
  return {
    caps,
    marginPercent: budget.margin ?? 0,
    confirmAboveMicros: budget.confirm_above_usd ?? CONFIRM_ABOVE_MICROS,
  };
}

function labelScope(label: string, value: string): BudgetScope {
  return { kind: 'label', label: canonicalLabel(label), value: canonicalLabel(value) };
}

function capsOf(path: string, scope: BudgetScope, fields: CapFields = {}): BudgetCap[] {
  return Object.entries(PERIODS).flatMap(([field, period]) => {
    const micros = fields[field as keyof typeof PERIODS];
    return micros === undefined ? [] : [{ name: `${path}.${field}`, scope, period, micros }];
  });
}

/** Caps of a language or a label that no job has: most likely a slip, and then nothing would be capped. */
export function unusedCaps({ budget, source }: Manifest, jobs: readonly PlannedJob[]): ManifestIssue[] {
  const unused = new Map<string, ManifestIssue>();
  for (const { scope, name } of budgetSettings(budget).caps) {
    if (scope.kind === 'all' || scope.kind === 'provider') continue;
    const cap: BudgetCap = { name, scope, period: 'batch', micros: 0 };
    if (jobs.some(({ language, labels }) => covers(cap, { provider: null, language, labels }))) continue;
    const { path, what, near } = slip(name, scope, jobs);
    const expected = near === null ? undefined : `did you mean ${near}?`;
    const finding = {
      code: 'UNUSED_CAP',
      message: `no job of the manifest has ${what}, so that this caps none of them`,
      expected,
    } as const;
    unused.set(what, source.issueAt({ path, part: 'key' }, finding, 'warning'));
  }
  return [...unused.values()];
}

function slip(name: string, scope: Exclude<BudgetScope, { kind: 'all' | 'provider' }>, jobs: readonly PlannedJob[]) {
  if (scope.kind === 'language') {
    const spelling = name.split('.')[2] ?? scope.language;
    const near = nearestWord(scope.language, new Set(jobs.map(({ language }) => language)));
    return { path: ['budget', 'languages', spelling], what: `the language ${spelling}`, near };
  }
  const { label, value } = scope;
  const values = new Set(jobs.flatMap(({ labels }) => labels[label] ?? []));
  const near = nearestWord(value, values);
  return { path: ['budget', 'labels', label, value], what: `the label ${label}=${value}`, near };
}
