import {
  type LaneLimits,
  type LimitSources,
  LocalizeError,
  type Plan,
  type ProviderId,
  SHARED_ACCOUNT,
} from '@localize/core';
import { and, eq, inArray, sql } from 'drizzle-orm';
import type { LaneKey } from '../run-options.js';
import { providerSetLimits, setLimitColumns } from '../store/lanes/limit-settings.js';
import { attempts, laneKeys, lanes } from '../store/schema/schema.js';
import type { Store } from '../store/store.js';
import { keyHash } from './key-hash.js';
import type { Lane, OpenKey } from './lane.js';

/** The keys of one account. */
interface KeyGroup {
  readonly provider: ProviderId;
  readonly host: string;
  /** The name that the manifest gives the account; `null`: its keys are its identity. */
  readonly account: string | null;
  readonly keys: OpenKey[];
}

/**
 * Turns the keys that were found into lanes, and remembers which key belongs to which. A lane's identity is provider,
 * host and the salted hash of its secrets, so a renamed variable or an added key keeps the lane and its window. One whose
 * account has a name is known by that too: a rotated secret keeps it as well.
 * @throws LocalizeError KEY_DUPLICATE when one secret stands under two names.
 */
export function openLanes(
  store: Store,
  plan: Plan,
  keys: readonly LaneKey[],
  hostOf: (provider: ProviderId) => string,
): Lane[] {
  return store.transact(() => {
    const groups = groupKeys(store, keys, hostOf);
    const named = new Map(groups.flatMap((group) => namedLane(store, group)));
    const taken = new Set(named.values());
    return groups.map((group) => toLane(store, plan, group, { named: named.get(group), taken }));
  });
}

function groupKeys(store: Store, keys: readonly LaneKey[], hostOf: (provider: ProviderId) => string): KeyGroup[] {
  const groups = new Map<string, KeyGroup>();
  const seen = new Map<string, string>();
  for (const { provider, variable, account, key } of keys) {
    const hash = keyHash(store, key);
    refuseTwin(seen, `${provider} ${hash}`, variable);
    const id = account === null ? `${provider} key ${hash}` : `${provider} account ${account}`;
    const name = account === SHARED_ACCOUNT ? null : account;
    const group = groups.get(id) ?? { provider, host: hostOf(provider), account: name, keys: [] };
    group.keys.push({ hash, variable, key });
    groups.set(id, group);
  }
  return [...groups.values()];
}

/** The lane that an earlier run had for an account of this name, whatever its keys were. */
function namedLane(store: Store, group: KeyGroup): [KeyGroup, number][] {
  const { provider, host, account } = group;
  if (account === null) return [];
  const row = store.db
    .select({ id: lanes.id })
    .from(lanes)
    .where(and(eq(lanes.provider, provider), eq(lanes.host, host), eq(lanes.account, account)))
    .orderBy(lanes.id)
    .get();
  return row === undefined ? [] : [[group, row.id]];
}

interface Claims {
  /** The lane that the group's account has by its name. */
  readonly named: number | undefined;
  /** Lanes that other accounts of this run have; this one's is added. */
  readonly taken: Set<number>;
}

function toLane(store: Store, plan: Plan, group: KeyGroup, claims: Claims): Lane {
  const { provider, host, account, keys } = group;
  const settings = plan.providers[provider];
  if (settings === undefined) throw new Error(`the plan has no settings for ${provider}`);
  const display = keys.map((key) => key.variable).join('+');
  const { limits: planned, limitsFrom } = settings;
  const id = laneId(store, group, claims, { display, ...planned, limitsFrom, ...(account !== null && { account }) });
  claims.taken.add(id);
  return { id, provider, host, display, keys, planned, settings };
}

type PlannedLane = { display: string; limitsFrom: LimitSources; account?: string } & LaneLimits;

/** The lane of its account's name, that one of the keys had before, or a new one; keys that changed their account bring their posts along. */
function laneId(store: Store, group: KeyGroup, { named, taken }: Claims, facts: PlannedLane): number {
  const { provider, host, keys } = group;
  const hashes = keys.map((key) => key.hash);
  const known = store.db
    .select()
    .from(laneKeys)
    .where(and(eq(laneKeys.provider, provider), eq(laneKeys.host, host), inArray(laneKeys.keyHash, hashes)))
    .all();
  const before = named ?? known.find((each) => !taken.has(each.laneId))?.laneId;
  const id = before ?? insertLane(store, provider, host, facts);
  const opened = sql`(SELECT max(opened) + 1 FROM lanes)`;
  store.db
    .update(lanes)
    .set({ ...facts, opened })
    .where(eq(lanes.id, id))
    .run();
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
