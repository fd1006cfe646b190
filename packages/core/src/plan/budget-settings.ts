import { canonicalTag } from '../manifest/expand-track.js';
import { canonicalLabel } from '../manifest/label-name.js';
import type { BudgetFields, CapFields, Manifest } from '../manifest/manifest.js';
import type { ManifestIssue } from '../manifest/manifest-issue.js';
import type { BudgetCap, BudgetPeriod, BudgetScope } from '../money/budget.js';
import { MICROS_PER_USD } from '../money/money.js';
import { nearestWord } from '../text/nearest.js';
import type { BudgetSettings, PlannedJob } from './plan.js';

/** A run that would newly spend more than this asks first, unless the manifest says otherwise. */
const CONFIRM_ABOVE_MICROS = 10 * MICROS_PER_USD;

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

/** Finds caps of a language or a label that no job has: most likely a slip, and then nothing would be capped. */
export function createCapCheck({ budget, source }: Manifest) {
  const caps = budgetSettings(budget).caps.flatMap(({ name, scope }) =>
    scope.kind === 'all' || scope.kind === 'provider' ? [] : [{ name, scope }],
  );
  const languages = new Set<string>();
  /** By the labels that caps name. */
  const values = new Map(
    caps.flatMap(({ scope }) => (scope.kind === 'label' ? [[scope.label, new Set<string>()] as const] : [])),
  );
  const namesLike = (scope: (typeof caps)[number]['scope']) =>
    scope.kind === 'language' ? languages : (values.get(scope.label) ?? new Set());
  return {
    add({ language, labels }: Pick<PlannedJob, 'language' | 'labels'>): void {
      languages.add(language);
      for (const [label, known] of values) if (labels[label] !== undefined) known.add(labels[label]);
    },
    unused(): ManifestIssue[] {
      const unused = new Map<string, ManifestIssue>();
      for (const { name, scope } of caps) {
        const names = namesLike(scope);
        const own = scope.kind === 'language' ? scope.language : scope.value;
        if (names.has(own)) continue;
        const { path, what } = placeOfCap(name, scope);
        const near = nearestWord(own, names);
        const expected = near === null ? undefined : `did you mean ${near}?`;
        const finding = {
          code: 'UNUSED_CAP',
          message: `no job of the manifest has ${what}, so that this caps none of them`,
          expected,
        } as const;
        unused.set(what, source.issueAt({ path, part: 'key' }, finding, 'warning'));
      }
      return [...unused.values()];
    },
  };
}

function placeOfCap(name: string, scope: Exclude<BudgetScope, { kind: 'all' | 'provider' }>) {
  if (scope.kind === 'language') {
    const spelling = name.split('.')[2] ?? scope.language;
    return { path: ['budget', 'languages', spelling], what: `the language ${spelling}` };
  }
  const { label, value } = scope;
  return { path: ['budget', 'labels', label, value], what: `the label ${label}=${value}` };
}
