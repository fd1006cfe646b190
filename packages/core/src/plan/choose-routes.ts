import type { Ineligible, PlannedJob, RouteChoice } from './plan.js';
import { type ConfiguredRoute, fitRoute, type Wanted } from './route-fit.js';
import { inOrderOfPrice, type RouteGroup } from './route-order.js';

export interface Choice {
  readonly choices: readonly RouteChoice[];
  readonly ineligible: PlannedJob['ineligible'];
}

/** Tries the routes in order of preference. `warn` may be told the same thing many times. */
export function chooseRoutes(groups: readonly RouteGroup[], wanted: Wanted, warn: (text: string) => void): Choice {
  const choices: RouteChoice[] = [];
  const ineligible: Ineligible[] = [];
  for (const group of groups) {
    const fitting: RouteChoice[] = [];
    for (const configured of candidates(group, wanted.voices)) {
      const { route } = configured;
      const fit = fitRoute(configured, wanted);
      if ('reasons' in fit) {
        const { reasons, mends } = fit;
        ineligible.push({ route: route.id, reason: reasons.join(' and '), ...(mends.length > 0 && { mends }) });
        continue;
      }
      const { ignored, ...choice } = fit;
      for (const problem of ignored) warn(`${route.id} ${problem}: the default is not sent to it`);
      fitting.push({ route: route.id, provider: route.provider, ...choice });
    }
    const sorted = group.byPrice ? sortedByPrice(fitting, warn) : fitting;
    if (group.byPrice) sayWhatIsLeftOut(group, wanted, sorted[0], warn);
    choices.push(...sorted);
  }
  return { choices, ineligible };
}

/** A provider stands for its routes with the right number of voices, unless it has none. */
function candidates(group: RouteGroup, voices: 1 | 2): readonly ConfiguredRoute[] {
  if (group.named) return group.routes;
  const right = group.routes.filter(({ route }) => route.voices === voices);
  return right.length > 0 ? right : group.routes;
}

function sortedByPrice(choices: readonly RouteChoice[], warn: (text: string) => void): readonly RouteChoice[] {
  if (choices.length < 2) return choices;
  for (const { route, provider, estimate } of choices) {
    if (estimate.certainty === 'exact') continue;
    const isUnknown = estimate.certainty === 'unknown';
    const known = isUnknown ? 'has no known price' : 'has only a known minimum price';
    const until = isUnknown ? '' : ' until a bill has shown more';
    warn(`${route} ${known}, so \`cheapest\` takes it last${until}: set providers.${provider}.price`);
  }
  return inOrderOfPrice(choices.map((choice) => ({ ...choice, byPrice: true as const })));
}

/** The owner may have no key for what the manifest does not name, so it is said and not taken. */
function sayWhatIsLeftOut(
  { leftOut }: RouteGroup,
  wanted: Wanted,
  best: RouteChoice | undefined,
  warn: (text: string) => void,
): void {
  for (const configured of leftOut) {
    const { id, provider, voices } = configured.route;
    if (voices !== wanted.voices) continue;
    const fit = fitRoute(configured, wanted);
    if ('reasons' in fit || fit.estimate.certainty !== 'exact') continue;
    const { micros } = fit.estimate;
    if (best?.estimate.certainty === 'exact' && (best.estimate.micros ?? 0) <= (micros ?? 0)) continue;
    warn(
      `\`cheapest\` takes only what \`providers\` names; ${id} would cost less for some jobs: \`${provider}: {}\` there lets it be taken`,
    );
  }
}
