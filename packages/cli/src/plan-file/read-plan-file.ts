import { readFileSync } from 'node:fs';
import { LocalizeError, type Plan } from '@localize/core';
import { type SavedPlan, savedPlanSchema } from './saved-plan.js';

/** @throws LocalizeError PLAN_UNUSABLE when there is no plan of this batch in the file. */
export function readPlanFile(path: string, shown: string): SavedPlan {
  const parsed = savedPlanSchema.safeParse(readJson(path, shown));
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map(({ path: place }) => place.join('.'));
  throw new LocalizeError('PLAN_UNUSABLE', `${shown} is ${whatElse(places)}`, {
    hint: 'make one with: localize plan --out FILE',
  });
}

/** What a file is, by the fields that are not a saved plan's. */
function whatElse(places: readonly string[]): string {
  if (places.includes('') || places.includes('format')) return 'no plan that localize plan --out saved';
  if (places.includes('version')) return 'a plan of another version of localize';
  return `a damaged plan: its ${places[0]} is missing or wrong`;
}

function readJson(path: string, shown: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new LocalizeError('PLAN_UNUSABLE', `the plan ${shown} cannot be read: ${why}`, { cause: error });
  }
}

/**
 * The same plan with every job that the file names on the route that it names, and on no other: a failover would not be
 * what was agreed to.
 */
export function pinnedTo(saved: SavedPlan, plan: Plan): Plan {
  const routes = new Map(saved.jobs.map(({ key, route }) => [key, route]));
  const jobs = [...plan.jobs].map((job) => {
    const route = routes.get(job.key);
    const choices = job.choices.filter((choice) => choice.route === route);
    return choices.length === 0 ? job : { ...job, choices };
  });
  return { ...plan, jobs };
}
