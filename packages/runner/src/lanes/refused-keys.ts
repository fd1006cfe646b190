import type { Failure } from '@localize/core';
import type { Journal } from '../store/journal.js';
import { updateRows } from '../store/rows.js';
import { lanes } from '../store/schema/schema.js';
import type { RefusedKey } from '../store/schema/stored-types.js';
import type { Lane, OpenKey } from './lane.js';
import { close, openAgain, takeBackHeld } from './lane-closing.js';
import { isInDoubt, isOfEarlierTime, isSetAside } from './lane-keys.js';
import { laneRow } from './lane-row.js';

/** What replies say of an account's keys: which of them are put aside, and which are taken again. */

/** A key that is refused to looks for less than this may be met by a slip of the provider. */
const PASSING_REFUSAL_MS = 10_000;

/**
 * A key was refused. The lane's other keys take its work; without one, no create leaves until a person has helped. Said
 * once. A create that is refused proves it, or the upload of a file for it. One look that is refused may be a slip of the
 * provider, so the last key is given up for looks only when they were refused for a while. Before the lane closes, keys
 * that may be good again have one more try.
 * @returns whether another key is left to ask with
 */
export function keyRefused(
  journal: Journal,
  lane: Lane,
  { key, failure, by }: { key: OpenKey; failure: Failure; by: RefusedKey['by'] },
): boolean {
  const row = laneRow(journal.store, lane);
  const nowMs = journal.clock.nowMs();
  const { hash, variable } = key;
  const rest = (row.refusedKeys ?? []).filter((each) => each.hash !== hash);
  const known = row.refusedKeys?.find((each) => each.hash === hash);
  const others = lane.keys.filter((each) => each !== key && !isSetAside(row, each));
  if (known?.isSetAside && (known.by === 'create' || by === 'look')) return others.length > 0;
  const sinceMs = Math.min(known?.sinceMs ?? nowMs, nowMs);
  const isProven = by === 'create' || nowMs - sinceMs >= PASSING_REFUSAL_MS;
  const setAside = isProven || others.length > 0;
  const why = `${failure.kind}: ${failure.message}`;
  const inDoubt = setAside && !isProven ? ({ mayBeGood: true } as const) : {};
  const lookAtMs = nowMs + PASSING_REFUSAL_MS;
  const refused: RefusedKey = { hash, variable, why, sinceMs, by, isSetAside: setAside, lookAtMs, ...inDoubt };
  const again = setAside && others.length === 0 ? rest.filter((each) => isWorthATry(lane, each)) : [];
  const tried = rest.map((each) => (again.includes(each) ? onTrial(each, nowMs) : each));
  updateRows(journal.store, lanes, { refusedKeys: [...tried, refused] }, { id: lane.id });
  const isKeyLeft = others.length + again.length > 0;
  if (!setAside || known?.isSetAside) return isKeyLeft;
  if (isKeyLeft) journal.tell({ type: 'lane:closed', lane: lane.display, key: variable, why });
  else if (row.closed === null) close(journal, lane, whyAll(lane, failure));
  return isKeyLeft;
}

function whyAll({ keys }: Lane, { kind, message }: Failure): string {
  const names = keys.map(({ variable }) => variable).join(' and ');
  return keys.length === 1 ? `${kind}: ${message}` : `${kind}: ${names} are refused: ${message}`;
}

function isWorthATry({ keys }: Lane, { hash, mayBeGood }: RefusedKey): boolean {
  return mayBeGood === true && keys.some((each) => each.hash === hash);
}

/** It is used again, as if only looks had met it just now: the next reply says what it is. */
function onTrial({ hash, variable, why, by }: RefusedKey, nowMs: number): RefusedKey {
  return { hash, variable, why, by, sinceMs: nowMs, isSetAside: false };
}

/** A look was answered: a key that only looks were refused is good again, and so is a lane that was closed for it. */
export function keyAnswered(journal: Journal, lane: Lane, { hash }: OpenKey, batchId: number | null): void {
  const { refusedKeys, closed } = laneRow(journal.store, lane);
  if (refusedKeys === null) return;
  const known = refusedKeys.find((each) => each.hash === hash);
  // What takes looks need not take creates: those it is given anew only where no other key is known to be good.
  if (known?.by === 'create') {
    if (!isOfEarlierTime(known) || !isInDoubt(lane, { refusedKeys, closed })) return;
    const tried = refusedKeys.map((each) => (each === known ? onTrial(each, journal.clock.nowMs()) : each));
    updateRows(journal.store, lanes, { refusedKeys: tried }, { id: lane.id });
    return;
  }
  noteGood(journal, lane, refusedKeys, hash);
  if (!known?.isSetAside || !closed?.startsWith('auth')) return;
  openAgain(journal, lane);
  if (batchId !== null) takeBackHeld(journal, lane, batchId);
}

/** A create was accepted: whatever was said of its key before it left is past. */
export function keyAccepted(journal: Journal, lane: Lane, hash: string, sentAt: number): void {
  const { refusedKeys } = laneRow(journal.store, lane);
  const known = refusedKeys?.find((each) => each.hash === hash);
  if (refusedKeys === null || (known !== undefined && sentAt < known.sinceMs)) return;
  noteGood(journal, lane, refusedKeys, hash);
}

/** The lane works with this key: refusals of others are of an earlier time, and each of them has a try when it is needed. */
function noteGood(journal: Journal, lane: Lane, refusedKeys: readonly RefusedKey[], hash: string): void {
  const rest = refusedKeys.filter((each) => each.hash !== hash);
  if (rest.length === refusedKeys.length && rest.every(({ mayBeGood }) => mayBeGood)) return;
  const kept = rest.map((each): RefusedKey => {
    if (!each.isSetAside || each.mayBeGood) return each;
    return { ...each, mayBeGood: true, ...(each.by === 'create' && { lookAtMs: 0 }) };
  });
  updateRows(journal.store, lanes, { refusedKeys: kept.length > 0 ? kept : null }, { id: lane.id });
}
