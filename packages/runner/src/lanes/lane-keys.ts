import type { Journal } from '../store/journal.js';
import { prepared } from '../store/prepared.js';
import { updateRows } from '../store/rows.js';
import { lanes } from '../store/schema/schema.js';
import type { RefusedKey } from '../store/schema/stored-types.js';
import type { LaneRow, Store } from '../store/store.js';
import type { Lane, OpenKey } from './lane.js';
import { laneRow } from './lane-row.js';

/** Which of an account's keys is used for what: the keys take turns, and those that are left do the work of a refused one. */

type KeysRow = Pick<LaneRow, 'refusedKeys' | 'closed'>;

export function isSetAside({ refusedKeys }: KeysRow, { hash }: Pick<OpenKey, 'hash'>): boolean {
  return refusedKeys?.some((each) => each.hash === hash && each.isSetAside) === true;
}

function isRefused({ refusedKeys }: KeysRow, { hash }: Pick<OpenKey, 'hash'>): boolean {
  return refusedKeys?.some((each) => each.hash === hash) === true;
}

/** Whether nothing but a key that was refused is left, and nobody knows whether that passes: its creates go one at a time. */
export function isInDoubt({ keys }: Lane, row: KeysRow): boolean {
  return keys.every((key) => isRefused(row, key));
}

/** Why a run with these keys may send no create; a key that is known to be refused is no matter of a run that has another. */
export function whyClosedFor({ keys }: Lane, row: KeysRow): string | null {
  const isOfKeys = row.closed?.startsWith('auth') === true && (row.refusedKeys?.length ?? 0) > 0;
  const isKeyed = isOfKeys && keys.some((key) => !isSetAside(row, key));
  return isKeyed ? null : row.closed;
}

/** The key of the lane's next create: they take turns. */
export function keyForCreate(store: Store, lane: Lane): OpenKey {
  const [only, second] = lane.keys;
  if (only !== undefined && second === undefined) return only;
  // From the newest attempt backwards: it is the lane's own, or near to one.
  const last = prepared<[number], { hash: string }>(
    store,
    'SELECT key_hash AS hash FROM attempts NOT INDEXED WHERE lane_id = ? ORDER BY rowid DESC LIMIT 1',
  ).get(lane.id);
  const next = lane.keys.findIndex(({ hash }) => hash === last?.hash) + 1;
  return firstUsable(store, lane, [...lane.keys.slice(next), ...lane.keys.slice(0, next)]);
}

/** How often a key that was put aside is asked with again, at first and at last: that is free. */
const LOOK_AGAIN_MS = { first: 10_000, most: 600_000 };

/**
 * The key to ask with about what a key of the lane bought: that one where it is there and not refused. One that was put
 * aside for looks that were refused takes one now and then, rarer with time, since it may be good again. One that a create
 * had put aside takes one once the keys that have worked since are refused too.
 */
export function keyForLook({ store, journal, clock }: Asking, lane: Lane, boughtWith?: string): OpenKey {
  const own = lane.keys.filter(({ hash }) => hash === boughtWith);
  const inOrder = [...own, ...lane.keys.filter((key) => !own.includes(key))];
  if (inOrder.length < 2) return firstUsable(store, lane, inOrder);
  const row = laneRow(store, lane);
  const nowMs = clock.nowMs();
  const last = isInDoubt(lane, row) ? inOrder.find((key) => isLastResort(row, key, nowMs)) : undefined;
  const next = last ?? inOrder.find((key) => !isSetAside(row, key) || isDue(row, key, nowMs));
  if (next === undefined) return firstUsable(store, lane, inOrder);
  if (isSetAside(row, next)) putOff(journal, lane, row.refusedKeys ?? [], { key: next, nowMs });
  return next;
}

interface Asking {
  readonly store: Store;
  readonly journal: Journal;
  readonly clock: Journal['clock'];
}

function isDue({ refusedKeys }: KeysRow, key: OpenKey, nowMs: number): boolean {
  const known = refusedKeys?.find(({ hash }) => hash === key.hash);
  return known?.by === 'look' && known.lookAtMs !== undefined && known.lookAtMs <= nowMs;
}

function isLastResort({ refusedKeys }: KeysRow, key: OpenKey, nowMs: number): boolean {
  const known = refusedKeys?.find(({ hash }) => hash === key.hash);
  return known !== undefined && isOfEarlierTime(known) && known.lookAtMs !== undefined && known.lookAtMs <= nowMs;
}

/** Whether a create had a key put aside, and another key has worked since. */
export function isOfEarlierTime({ by, isSetAside: isAside, mayBeGood }: RefusedKey): boolean {
  return by === 'create' && isAside && mayBeGood === true;
}

/** One look at a time tries it. */
function putOff(
  journal: Journal,
  lane: Lane,
  refusedKeys: readonly RefusedKey[],
  { key, nowMs }: { key: OpenKey; nowMs: number },
): void {
  const later = ({ sinceMs }: RefusedKey) =>
    nowMs + Math.min(LOOK_AGAIN_MS.most, Math.max(LOOK_AGAIN_MS.first, nowMs - sinceMs));
  const all = refusedKeys.map((each) => (each.hash === key.hash ? { ...each, lookAtMs: later(each) } : each));
  journal.transact(() => updateRows(journal.store, lanes, { refusedKeys: all }, { id: lane.id }), 'kill');
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

/** One that nothing was said against comes before one that is in doubt. */
function firstUsable(store: Store, lane: Lane, inOrder: readonly OpenKey[]): OpenKey {
  const row = inOrder.length > 1 ? laneRow(store, lane) : null;
  const good = inOrder.find((each) => row === null || !isRefused(row, each));
  const key = good ?? inOrder.find((each) => row === null || !isSetAside(row, each)) ?? inOrder[0];
  if (key === undefined) throw new Error(`lane ${lane.display} has no key`);
  return key;
}
