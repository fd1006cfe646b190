import type { Catalogue } from '../provider/route.js';
import type { Choice } from './choose-routes.js';
import type { EffectiveSettings } from './effective-settings.js';
import { isOutdated, type Redo, withRedo } from './redo.js';

/** What a redo makes of a job. */
export interface RedoChoice {
  readonly asks: Pick<Redo, 'route' | 'seed'>;
  readonly choice: Choice;
}

/**
 * Finds for each job the latest of its redos that a route can do, and keeps why others can't be done.
 * @param inUse providers that the manifest sends work to
 */
export function createRedoChoices(
  redos: ReadonlyMap<string, readonly Redo[]> | undefined,
  { routes }: Catalogue,
  inUse: ReadonlySet<string>,
) {
  const refused: Record<string, string> = {};
  const warnings: string[] = [];

  function choiceOf(
    key: string,
    settings: EffectiveSettings,
    choose: (settings: EffectiveSettings) => Choice,
  ): RedoChoice | null {
    for (const asked of redos?.get(key)?.toReversed() ?? []) {
      if (isOutdated(asked, settings)) return null;
      const { route, seed } = asked;
      const isOpen = route === null || inUse.has(route.split('/')[0] ?? '');
      const choice = isOpen ? choose(withRedo(settings, asked)) : null;
      if (choice !== null && choice.choices.length > 0) return { asks: { route, seed }, choice };
      refuse(key, asked, choice);
    }
    return null;
  }

  /** Said of the latest alone: those before it are past. */
  function refuse(key: string, asked: Redo, tried: Choice | null): void {
    if (key in refused) return;
    const isKnown = asked.route === null || routes.some(({ id }) => id === asked.route);
    const why = isKnown ? refusalWords(asked, tried) : 'there is no such route';
    refused[key] = why;
    warnings.push(`${key}: ${redoWords(asked)} is not possible, so nothing is made again: ${why}`);
  }

  return { choiceOf, refused, warnings };
}

function redoWords({ route, seed }: Redo): string {
  const parts = [...(route === null ? [] : [`on ${route}`]), ...(seed === null ? [] : [`with seed ${seed}`])];
  return `the redo ${parts.join(' ')}`;
}

/** Why a redo cannot be done. @param tried what its settings allow; `null` where the manifest does not use its provider */
function refusalWords({ route }: Redo, tried: Choice | null): string {
  if (tried === null) return `the manifest sends nothing to ${route?.split('/')[0]}`;
  const reasons = tried.ineligible.map((each) => `${each.route} ${each.reason}`);
  return reasons.join('; ') || 'its media cannot be used';
}
