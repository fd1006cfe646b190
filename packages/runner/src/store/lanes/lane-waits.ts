import type { LaneUse, Sharing } from '@localize/core';
import { prepared } from '../prepared.js';
import { holdsSlotIn } from '../schema/attempt-states.js';
import type { Store } from '../store.js';

/** A run that waits for a place says so again after so long: about as often as it looks for one. */
const SAID_AGAIN_MS = 90;
/** So long it counts: whose process is stopped or dead, or has nothing staged any more, keeps nobody from a place. */
const COUNTS_FOR_MS = 400;

/** Tells the runs of other batches in which lanes jobs of this one wait for a place, as long as they do. */
export class LaneWaits {
  readonly #store: Store;
  readonly #batchId: number;
  /** When it was said last, by lane. */
  readonly #saidAt = new Map<number, number>();

  constructor(store: Store, batchId: number) {
    this.#store = store;
    this.#batchId = batchId;
  }

  /** Whether it was not said for a while. */
  isDue(laneId: number, nowMs: number): boolean {
    return nowMs - (this.#saidAt.get(laneId) ?? Number.NEGATIVE_INFINITY) >= SAID_AGAIN_MS;
  }

  say(laneId: number, nowMs: number): void {
    this.#saidAt.set(laneId, nowMs);
    prepared<[number, number, number], unknown>(
      this.#store,
      'INSERT OR REPLACE INTO lane_waits (lane_id, batch_id, at) VALUES (?, ?, ?)',
    ).run(laneId, this.#batchId, nowMs);
  }

  /** No job waits any more. */
  end(): void {
    if (this.#saidAt.size === 0) return;
    this.#saidAt.clear();
    prepared<[number], unknown>(this.#store, 'DELETE FROM lane_waits WHERE batch_id = ?').run(this.#batchId);
  }
}

interface Place {
  readonly laneId: number;
  readonly batchId: number;
  /** Creates whose reply came before hold no place of the window. */
  readonly sinceMs: number;
}

/** What a batch and those that wait beside it take of a lane. */
export function sharingOf(store: Store, { laneId, batchId, sinceMs }: Place, nowMs: number): Sharing {
  const rivals = prepared<[number, number, number, number], { batchId: number }>(
    store,
    'SELECT batch_id AS batchId FROM lane_waits WHERE lane_id = ? AND batch_id <> ? AND at > ? AND at <= ?',
  ).all(laneId, batchId, nowMs - COUNTS_FOR_MS, nowMs + COUNTS_FOR_MS);
  if (rivals.length === 0) return NOBODY;
  const useOf = (id: number) => useBy(store, { laneId, batchId: id, sinceMs }, nowMs);
  return { own: useOf(batchId), rivals: rivals.map((rival) => useOf(rival.batchId)) };
}

const NOBODY: Sharing = { own: { open: 0, created: 0, lastAtMs: 0 }, rivals: [] };

/** Attempts of a batch that some index of a lane's attempts finds. */
const OWN = 'CROSS JOIN jobs j ON j.id = a.job_id WHERE a.lane_id = @laneId AND j.batch_id = @batchId';

function useBy(store: Store, place: Place, nowMs: number): LaneUse {
  const row = prepared<[Place & { nowMs: number }], LaneUse>(
    store,
    `WITH slots AS (SELECT a.sent_at AS at FROM attempts a INDEXED BY attempts_slots ${OWN}
                      AND ${holdsSlotIn('a.')} AND a.slot_until > @nowMs),
          places AS (SELECT a.sent_at AS at FROM attempts a INDEXED BY attempts_window ${OWN} AND a.replied_at IS NULL
                     UNION ALL
                     SELECT a.sent_at FROM attempts a INDEXED BY attempts_window ${OWN} AND a.replied_at > @sinceMs)
       SELECT (SELECT count(*) FROM slots) AS open, (SELECT count(*) FROM places) AS created,
              max(coalesce((SELECT max(at) FROM slots), 0), coalesce((SELECT max(at) FROM places), 0)) AS lastAtMs`,
  ).get({ ...place, nowMs });
  return row ?? NOBODY.own;
}
