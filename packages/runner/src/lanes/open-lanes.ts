import { createHmac } from 'node:crypto';
import { type LaneLimits, type LimitSources, LocalizeError, type Plan, type ProviderId } from '@localize/core';
import { and, eq, inArray } from 'drizzle-orm';
import type { LaneKey } from '../run-options.js';
import { providerSetLimits, setLimitColumns } from '../store/limit-settings.js';
import { attempts, laneKeys, lanes } from '../store/schema.js';
import type { Store } from '../store/store.js';
import type { Lane, OpenKey } from './lane.js';

/**
 * Turns the keys that were found into lanes, and remembers which key belongs to which. A lane's identity is provider,
 * host and the salted hash of its secrets, so a renamed variable or an added key keeps the lane and its window.
 * @throws LocalizeError KEY_DUPLICATE when one secret stands under two names.
 */
export function openLanes(
  store: Store,
  plan: Plan,
  keys: readonly LaneKey[],
  hostOf: (provider: ProviderId) => string,
): Lane[] {
  return store.transact(() => {
    const groups = new Map<string, { provider: ProviderId; host: string; keys: OpenKey[] }>();
    const seen = new Map<string, string>();
    for (const { provider, variable, account, key } of keys) {
      const host = hostOf(provider);
      const hash = createHmac('sha256', store.salt).update(key.reveal()).digest('hex').slice(0, 32);
      refuseTwin(seen, `${provider} ${hash}`, variable);
      const name = account === null ? `${provider} key ${hash}` : `${provider} account ${account}`;
      const group = groups.get(name) ?? { provider, host, keys: [] };
      group.keys.push({ hash, variable, key });
      groups.set(name, group);
    }
    const taken = new Set<number>();
    return [...groups.values()].map((group) => toLane(store, plan, group, taken));
  });
}

/** @param taken lanes that other accounts of this run have; this one's is added. */
function toLane(
  store: Store,
  plan: Plan,
  { provider, host, keys }: { provider: ProviderId; host: string; keys: OpenKey[] },
  taken: Set<number>,
): Lane {
  const settings = plan.providers[provider];
  if (settings === undefined) throw new Error(`the plan has no settings for ${provider}`);
  const display = keys.map((key) => key.variable).join('+');
  const { limits: planned, limitsFrom } = settings;
  const id = laneId(store, { provider, host, keys, taken }, { display, ...planned, limitsFrom });
  taken.add(id);
  return { id, provider, host, display, keys, planned, settings };
}

type PlannedLane = { display: string; limitsFrom: LimitSources } & LaneLimits;

/** The lane that one of the keys had before, else a new one; keys that changed their account bring their posts along. */
function laneId(
  store: Store,
  { provider, host, keys, taken }: { provider: string; host: string; keys: readonly OpenKey[]; taken: Set<number> },
  facts: PlannedLane,
): number {
  const hashes = keys.map((key) => key.hash);
  const known = store.db
    .select()
    .from(laneKeys)
    .where(and(eq(laneKeys.provider, provider), eq(laneKeys.host, host), inArray(laneKeys.keyHash, hashes)))
    .all();
  const id = known.find((each) => !taken.has(each.laneId))?.laneId ?? insertLane(store, provider, host, facts);
  store.db.update(lanes).set(facts).where(eq(lanes.id, id)).run();
  for (const keyHash of hashes) {
    store.db
      .insert(laneKeys)
      .values({ provider, host, keyHash, laneId: id })
      .onConflictDoUpdate({ target: [laneKeys.provider, laneKeys.host, laneKeys.keyHash], set: { laneId: id } })
      .run();
  }
  for (const { keyHash, laneId: from } of known) {
    if (from === id) continue;
    const wasThere = and(eq(attempts.laneId, from), eq(attempts.keyHash, keyHash));
    store.db.update(attempts).set({ laneId: id }).where(wasThere).run();
  }
  return id;
}

function insertLane(store: Store, provider: string, host: string, facts: PlannedLane): number {
  const counts = { pausedUntil: 0, rateLimited: 0, doubts: 0, throttled: 0, unreached: 0 };
  const row = { provider, host, ...facts, ...setLimitColumns(providerSetLimits(store, provider)), ...counts };
  return store.db.insert(lanes).values(row).returning({ id: lanes.id }).get().id;
}

function refuseTwin(seen: Map<string, string>, identity: string, variable: string): void {
  const twin = seen.get(identity);
  if (twin !== undefined) {
    throw new LocalizeError('KEY_DUPLICATE', `${twin} and ${variable} hold the same key`, {
      hint: 'name each key once; two names would count its limits twice',
    });
  }
  seen.set(identity, variable);
}
