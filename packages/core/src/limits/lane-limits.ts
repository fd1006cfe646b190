import type { LaneLimits } from '../provider/route.js';

export type LimitName = keyof LaneLimits;

/**
 * Where a limit comes from: the catalogue (`assumed` where no page states it), a tier by name, the manifest, the user's own
 * settings, a command.
 */
export type LimitSource =
  | 'default'
  | 'assumed'
  | `tier ${string}`
  | `own tier ${string}`
  | 'manifest'
  | 'own settings'
  | 'command';

export type LimitSources = Readonly<Record<LimitName, LimitSource>>;

/** What `localize limits` has set for a lane; `null` where it said nothing. */
export type SetLimits = { readonly [Name in LimitName]: number | null };

export const NO_SET_LIMITS: SetLimits = { creates: null, perMs: null, concurrent: null };

/** The limits that hold: what a command set, until it is reset, then the manifest's, its tier's and the catalogue's. */
export function limitsInForce(planned: LaneLimits, set: SetLimits): LaneLimits {
  return {
    creates: set.creates ?? planned.creates,
    perMs: set.perMs ?? planned.perMs,
    concurrent: set.concurrent ?? planned.concurrent,
  };
}

/** Where each limit in force comes from: what was set by a command counts before the plan. */
export function sourcesInForce(planned: LimitSources, set: SetLimits): LimitSources {
  const sourceOf = (name: LimitName) => (set[name] === null ? planned[name] : 'command');
  return { creates: sourceOf('creates'), perMs: sourceOf('perMs'), concurrent: sourceOf('concurrent') };
}
