import { type BudgetCap, covers, LocalizeError, type PlannedJob } from '@localize/core';

/** A job that would be bought although nobody knows its price and a cap counts it. */
export interface UnpricedJob {
  readonly job: PlannedJob;
  readonly route: string;
  readonly provider: string;
  readonly cap: BudgetCap;
}

/** How many jobs are named; a batch of thousands has one missing price. */
const NAMED = 5;

/** Of these jobs, each with the route that it would be bought on, the ones that a cap counts and no price is known for. */
export function unpricedUnderCaps(jobs: readonly PlannedJob[], caps: readonly BudgetCap[]): UnpricedJob[] {
  return jobs.flatMap((job) => {
    const [choice] = job.choices;
    if (choice === undefined || choice.estimate.micros !== null) return [];
    const { route, provider } = choice;
    const cap = caps.find((each) => covers(each, { provider, language: job.language, labels: job.labels }));
    return cap === undefined ? [] : [{ job, route, provider, cap }];
  });
}

/** @throws LocalizeError PRICE_UNKNOWN: a budget that cannot be kept must not begin to be spent. */
export function refuseUnpriced(jobs: readonly PlannedJob[], caps: readonly BudgetCap[]): void {
  const unpriced = unpricedUnderCaps(jobs, caps);
  if (unpriced.length === 0) return;
  const providers = [...new Set(unpriced.map(({ provider }) => provider))];
  throw new LocalizeError('PRICE_UNKNOWN', unpricedWords(unpriced), {
    hint: `set ${providers.map((id) => `providers.${id}.price`).join(' and ')} in the manifest; nothing was spent`,
  });
}

/** `2 jobs have no known price, and budget.max_usd caps them: keynote/de and keynote/fr on eachlabs/infinitalk` */
export function unpricedWords(unpriced: readonly UnpricedJob[]): string {
  const routes = [...new Set(unpriced.map(({ route }) => route))];
  const keysOn = (route: string) => unpriced.flatMap((each) => (each.route === route ? [each.job.key] : []));
  const lists = routes.map((route) => `${named(keysOn(route))} on ${route}`);
  const caps = [...new Set(unpriced.map(({ cap }) => cap.name))].join(' and ');
  const one = unpriced.length === 1;
  const jobs = one ? '1 job has' : `${unpriced.length} jobs have`;
  return `${jobs} no known price, and ${caps} caps ${one ? 'it' : 'them'}: ${lists.join('; ')}`;
}

function named(keys: readonly string[]): string {
  const rest = keys.length - NAMED;
  return rest > 0 ? `${keys.slice(0, NAMED).join(', ')} and ${rest} more` : keys.join(', ');
}
