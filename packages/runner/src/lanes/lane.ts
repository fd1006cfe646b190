import {
  type Connection,
  type LaneLimits,
  limitsInForce,
  type ProviderId,
  type ProviderSettings,
  type Secret,
} from '@localize/core';
import { type SetLimitColumns, setLimits } from '../store/lanes/limit-settings.js';

/** A key with the identity under which the state knows it. */
export interface OpenKey {
  readonly hash: string;
  readonly variable: string;
  readonly key: Secret;
}

/** One account's limit at one provider, with the keys that this run may use for it. */
export interface Lane {
  readonly id: number;
  readonly provider: ProviderId;
  readonly host: string;
  readonly display: string;
  readonly keys: readonly OpenKey[];
  /** The manifest's; {@link laneLimits} has those that hold. */
  readonly planned: LaneLimits;
  readonly settings: ProviderSettings;
  /** Its own keys are not at hand: with these the provider answers about what they bought, and no create leaves on it. */
  readonly looksOnly?: true;
}

/** The limits that hold now: a command may have set others in the meantime. */
export function laneLimits({ planned }: Pick<Lane, 'planned'>, row: SetLimitColumns): LaneLimits {
  return limitsInForce(planned, setLimits(row));
}

export function lanesByProvider(lanes: readonly Lane[]): Map<ProviderId, Lane[]> {
  const groups = new Map<ProviderId, Lane[]>();
  for (const lane of lanes) {
    const group = groups.get(lane.provider);
    if (group === undefined) groups.set(lane.provider, [lane]);
    else group.push(lane);
  }
  return groups;
}

/** How to call the provider as this lane, with one of its keys. */
export function connectionOf(lane: Lane, { key }: OpenKey): Connection {
  return { hosts: lane.settings.hosts, auth: lane.settings.auth, key };
}
