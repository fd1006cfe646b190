import type { LimitSource, ProviderSettings } from '@localize/core';
import type { FoundUserConfig } from '../config/read-user-config.js';
import { formatDuration } from '../output/format-duration.js';
import { type Finding, ok, warn } from './finding.js';

/** The user's own settings, and the limits that follow from all settings: whose word each of them is. */
export function checkSettings(settings: readonly ProviderSettings[], ownConfig: FoundUserConfig | null): Finding[] {
  const own = ownConfig === null ? [] : [ok('own settings', `${ownConfig.path}${ownConfig.exists ? '' : ' (none)'}`)];
  return [...own, ...settings.map(checkLimits)];
}

function checkLimits({ id, limits, limitsFrom }: ProviderSettings): Finding {
  const { creates, perMs, concurrent } = limits;
  const sources = [...new Set(Object.values(limitsFrom))];
  const words = `${creates} creates in ${formatDuration(perMs)}, ${concurrent} open (${sources.map(sourceWords).join('; ')})`;
  return sources.includes('assumed')
    ? warn(`${id} limits`, words, `set providers.${id}.limits if yours differ`)
    : ok(`${id} limits`, words);
}

function sourceWords(source: LimitSource): string {
  switch (source) {
    case 'default':
      return 'the provider’s own pages';
    case 'assumed':
      return 'assumed: no page states them';
    case 'manifest':
      return 'the manifest';
    case 'command':
      return 'set with localize limits';
    case 'own settings':
      return 'your own settings';
    default:
      return source;
  }
}
