import { areLimitsAssumed, durationWords, type ProviderSettings } from '@localize/core';
import type { FoundUserConfig } from '../config/read-user-config.js';
import { limitSourceWords } from '../output/limit-source-words.js';
import { type Finding, ok, warn } from './finding.js';

/** The user's own settings, and the limits that follow from all settings: whose word each of them is. */
export function checkSettings(settings: readonly ProviderSettings[], ownConfig: FoundUserConfig | null): Finding[] {
  const own = ownConfig === null ? [] : [ok('own settings', `${ownConfig.path} (${contentsOf(ownConfig)})`)];
  return [...own, ...settings.map(checkLimits)];
}

/** What is set in them, by name: whoever looks for where a price or a timeout comes from finds the file. */
function contentsOf({ exists, providers }: FoundUserConfig): string {
  if (!exists) return 'none';
  const set = Object.entries(providers).flatMap(([id, fields]) =>
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${id}.${name}`])),
  );
  return set.length === 0 ? 'nothing for a provider' : `sets ${set.join(', ')}`;
}

function checkLimits({ id, limits, limitsFrom }: ProviderSettings): Finding {
  const { creates, perMs, concurrent } = limits;
  const words = `${creates} creates in ${durationWords(perMs)}, ${concurrent} open (${limitSourceWords(limitsFrom)})`;
  return areLimitsAssumed({ limitsFrom })
    ? warn(`${id} limits`, words, `set providers.${id}.limits if yours differ`)
    : ok(`${id} limits`, words);
}
