import { type BudgetCap, covers, fewOf, LocalizeError, type PlannedJob } from '@localize/core';
import { type UnpricedAttempt, unpricedAttemptWords, unpricedSettle } from '@localize/runner';

/** A job that would be bought although nobody knows its price and a cap counts it. */
export interface UnpricedJob {
  readonly job: PlannedJob;
  readonly route: string;
  readonly provider: string;
  readonly cap: BudgetCap;
}

/** Of these jobs, each with the route that it would be bought on, the ones that a cap counts and no price is known for. */
export function unpricedUnderCaps(jobs: Iterable<PlannedJob>, caps: readonly BudgetCap[]): UnpricedJob[] {
  const unpriced: UnpricedJob[] = [];
  if (caps.length === 0) return unpriced;
  for (const job of jobs) {
    const [choice] = job.choices;
    if (choice === undefined || choice.estimate.micros !== null) continue;
    const { route, provider } = choice;
    const cap = caps.find((each) => covers(each, { provider, language: job.language, labels: job.labels }));
    if (cap !== undefined) unpriced.push({ job, route, provider, cap });
  }
  return unpriced;
}

/**
 * Attempts of unknown amount under a cap that one of these jobs would be bought under: nobody can say what it leaves.
 * @param before all that caps count
 */
export function unpricedBefore(jobs: Iterable<PlannedJob>, before: readonly UnpricedAttempt[]): UnpricedAttempt[] {
  if (before.length === 0) return [];
  const inTheWay = new Set<BudgetCap>();
  const caps = new Set(before.map(({ cap }) => cap));
  for (const { choices, language, labels } of jobs) {
    const [first] = choices;
    if (first === undefined) continue;
    for (const cap of caps) if (covers(cap, { provider: first.provider, language, labels })) inTheWay.add(cap);
  }
  return before.filter(({ cap }) => inTheWay.has(cap));
}

/**
 * @param run.unpriced attempts of unknown amount that caps count
 * @throws LocalizeError PRICE_UNKNOWN: a budget that cannot be kept must not begin to be spent.
 */
export function refuseUnpriced(
  { toBuy, unpriced: before }: { readonly toBuy: Iterable<PlannedJob>; readonly unpriced: readonly UnpricedAttempt[] },
  caps: readonly BudgetCap[],
): void {
  const unpriced = unpricedUnderCaps(toBuy, caps);
  const spent = unpricedBefore(toBuy, before);
  if (unpriced.length + spent.length === 0) return;
  const prices = priceLine([...unpriced, ...spent].map(({ provider }) => provider));
  const instead = unpriced.length > 0 ? insteadWords(unpriced) : unpricedSettle(spent);
  const words = [
    ...(unpriced.length > 0 ? [unpricedWords(unpriced)] : []),
    ...(spent.length > 0 ? [unpricedAttemptWords(spent)] : []),
  ];
  throw new LocalizeError('PRICE_UNKNOWN', words.join('; '), {
    hint: `nothing was spent; say in the manifest what a second costs: ${prices}${instead}`,
  });
}

/** `providers: { acme: { price: { usd_per_second: … } } }`, as a manifest takes it once the amounts are filled in. */
function priceLine(providers: readonly string[]): string {
  const prices = [...new Set(providers)].map((id) => `${id}: { price: { usd_per_second: … } }`);
  return `providers: { ${prices.join(', ')} }`;
}

/** The other way out: a route that all of them could take as well, and whose price is known. */
function insteadWords(unpriced: readonly UnpricedJob[]): string {
  const [first, ...others] = unpriced.map(({ job }) => pricedRoutes(job));
  const known = [...(first ?? [])].find((route) => others.every((routes) => routes.has(route)));
  return known === undefined
    ? ', or choose another provider for these jobs'
    : `, or choose provider: ${known} for these jobs`;
}

function pricedRoutes({ choices }: PlannedJob): ReadonlySet<string> {
  return new Set(choices.flatMap(({ route, estimate }) => (estimate.micros === null ? [] : [route])));
}

/** `2 jobs have no known price, and budget.max_usd caps them: keynote/de and keynote/fr on eachlabs/infinitalk` */
export function unpricedWords(unpriced: readonly UnpricedJob[]): string {
  const routes = [...new Set(unpriced.map(({ route }) => route))];
  const keysOn = (route: string) => unpriced.flatMap((each) => (each.route === route ? [each.job.key] : []));
  const lists = routes.map((route) => `${fewOf(keysOn(route))} on ${route}`);
  const caps = [...new Set(unpriced.map(({ cap }) => cap.name))].join(' and ');
  const one = unpriced.length === 1;
  const jobs = one ? '1 job has' : `${unpriced.length} jobs have`;
  return `${jobs} no known price, and ${caps} caps ${one ? 'it' : 'them'}: ${lists.join('; ')}`;
}
