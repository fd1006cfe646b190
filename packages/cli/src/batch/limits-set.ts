import { limitsInForce, type Plan, type ProviderSettings, sourcesInForce } from '@localize/core';
import { openStore, providerSetLimits, storeExists } from '@localize/runner';

/** A plan under the limits that a command has set for whole providers: what a run would go by. Makes no state. */
export function withLimitsSet(plan: Plan, statePath: string): Plan {
  if (!storeExists(statePath)) return plan;
  const store = openStore(statePath, { readonly: true });
  try {
    const providers = Object.values(plan.providers).map((settings): [string, ProviderSettings] => {
      const set = providerSetLimits(store, settings.id);
      const limits = limitsInForce(settings.limits, set);
      return [settings.id, { ...settings, limits, limitsFrom: sourcesInForce(settings.limitsFrom, set) }];
    });
    return { ...plan, providers: Object.fromEntries(providers) };
  } finally {
    store.close();
  }
}
