import { canonicalJson, type PlannedJob, type RouteChoice, type RouteId } from '@localize/core';

/** What a choice asks of its route, besides the files: the same for two jobs where one result does for both. */
export function askOf({ route, input }: RouteChoice): string {
  return `${route} ${canonicalJson(input)}`;
}

/** What a job asks for where it would go first; `null` of one without a route. */
export function firstAsk({ choices: [first] }: Pick<PlannedJob, 'choices'>): string | null {
  return first === undefined ? null : askOf(first);
}

/** What it asks of that route; `null` where it may not go there. */
export function askOn({ choices }: Pick<PlannedJob, 'choices'>, route: RouteId): string | null {
  const choice = choices.find((each) => each.route === route);
  return choice === undefined ? null : askOf(choice);
}
