import { prepared } from '../store/prepared.js';
import type { LaneRow, Store } from '../store/store.js';
import type { Lane, OpenKey } from './lane.js';
import { laneRow } from './lane-row.js';

/** Which of an account's keys is used for what: the keys take turns, and those that are left do the work of a refused one. */

type KeysRow = Pick<LaneRow, 'refusedKeys' | 'closed'>;

export function isSetAside({ refusedKeys }: KeysRow, { hash }: Pick<OpenKey, 'hash'>): boolean {
  return refusedKeys?.some((each) => each.hash === hash && each.isSetAside) === true;
}

/** Why a run with these keys may send no create; a key that is known to be refused is no matter of a run that has another. */
export function whyClosedFor({ keys }: Lane, row: KeysRow): string | null {
  const isOfKeys = row.closed?.startsWith('auth') === true && (row.refusedKeys?.length ?? 0) > 0;
  const isKeyed = isOfKeys && keys.some((key) => !isSetAside(row, key));
  return isKeyed ? null : row.closed;
}

/** The key of the lane's next create: they take turns. */
export function keyForCreate(store: Store, lane: Lane): OpenKey {
  // From the newest attempt backwards: it is the lane's own, or near to one.
  const last = prepared<[number], { hash: string }>(
    store,
    'SELECT key_hash AS hash FROM attempts NOT INDEXED WHERE lane_id = ? ORDER BY rowid DESC LIMIT 1',
  ).get(lane.id);
  const next = lane.keys.findIndex(({ hash }) => hash === last?.hash) + 1;
  return firstUsable(store, lane, [...lane.keys.slice(next), ...lane.keys.slice(0, next)]);
}

/** The key to ask with about what a key of the lane bought: that one where it is there and not refused. */
export function keyForLook(store: Store, lane: Lane, boughtWith?: string): OpenKey {
  const own = lane.keys.filter(({ hash }) => hash === boughtWith);
  return firstUsable(store, lane, [...own, ...lane.keys.filter((key) => !own.includes(key))]);
}

/** The lane's keys that are not refused; all where each of them is. */
export function usableKeys(store: Store, lane: Lane): readonly OpenKey[] {
  const row = laneRow(store, lane);
  const usable = lane.keys.filter((key) => !isSetAside(row, key));
  return usable.length > 0 ? usable : lane.keys;
}

/** The very key that an attempt was made for. */
export function keyByHash(lane: Lane, hash: string): OpenKey {
  const key = lane.keys.find((each) => each.hash === hash);
  if (key === undefined) throw new Error(`lane ${lane.display} has not the key of its attempt`);
  return key;
}

function firstUsable(store: Store, lane: Lane, inOrder: readonly OpenKey[]): OpenKey {
  const row = inOrder.length > 1 ? laneRow(store, lane) : null;
  const key = inOrder.find((each) => row === null || !isSetAside(row, each)) ?? inOrder[0];
  if (key === undefined) throw new Error(`lane ${lane.display} has no key`);
  return key;
}
