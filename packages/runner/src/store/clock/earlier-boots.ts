import type { Store } from '../store.js';
import { lastWallAhead } from './wall-ahead.js';

/** The times of an attempt that are told by the state's own clock. */
const TIMES = [
  'staging_at',
  'staged_at',
  'intended_at',
  'sent_at',
  'replied_at',
  'accepted_at',
  'running_at',
  'ended_at',
  'download_at',
  'downloaded_at',
  'slot_until',
  'poll_at',
  'missing_since',
  'search_at',
];

/** Without a step of the wall clock the two differ by the rounding of the uptime: no reason to write every row. */
const SAME_MS = 20;

/** Windows beyond this are trusted to the wall clock: nobody is to wait an hour for what is most likely over. */
const DOUBTED_MS = 10 * 60_000;

/** The moment at which a boot's first process opens a state, as the wall clock says it, and when the boot began. */
export interface BootStart {
  readonly nowMs: number;
  readonly bootedAtMs: number;
}

/**
 * How far the state's own time lags behind the wall clock, by which alone the times of two boots compare. The clock may
 * have been set right only after most was written: what it said last, before the boot ended, counts for all. What would
 * then lie in the future cannot: the clock was set back while nobody looked, and no time is known to have passed.
 */
export function timeToMove(store: Store, { nowMs }: Pick<BootStart, 'nowMs'>): number {
  const ahead = lastWallAhead(store);
  const lastMs = lastCreateMs(store.sqlite);
  return lastMs === null ? ahead : Math.min(ahead, nowMs - lastMs);
}

/**
 * Brings what earlier boots wrote to the wall clock. All times of the state move alike, so that none overtakes another; by
 * the calendar each stays when it was.
 *
 * To be called once a boot, inside a transaction, before anything is written by the boot's own time.
 */
export function settleEarlierBoots(store: Store, start: BootStart): void {
  const { sqlite } = store;
  const ms = timeToMove(store, start);
  if (Math.abs(ms) > SAME_MS) {
    const moved = TIMES.map((time) => `${time} = ${time} + @ms`).join(', ');
    sqlite.prepare(`UPDATE attempts SET ${moved}, wall_ahead = wall_ahead - @ms`).run({ ms });
    sqlite.prepare('UPDATE lanes SET paused_until = paused_until + @ms WHERE paused_until > 0').run({ ms });
    sqlite.prepare('UPDATE jobs SET ready_at = ready_at + @ms WHERE ready_at > 0').run({ ms });
    sqlite.prepare('UPDATE assets SET expires_at = expires_at + @ms WHERE expires_at IS NOT NULL').run({ ms });
  }
  awaitDoubtedWindows(store, start);
}

/**
 * The wall clock may have been set forward while nobody looked, and the last window of the earlier boot may not be over:
 * only the machine's own uptime is sure to have passed. A lane waits for what its window lacks of it.
 */
function awaitDoubtedWindows({ sqlite }: Store, { nowMs, bootedAtMs }: BootStart): void {
  const lastMs = lastCreateMs(sqlite);
  // What was sent after this boot began was sent by another machine: there is no reason to doubt the clocks.
  if (lastMs === null || lastMs > bootedAtMs) return;
  sqlite
    .prepare(
      `UPDATE lanes SET paused_until = max(paused_until, @bootedAtMs + coalesce(set_per_ms, per_ms)),
           paused_for = iif(paused_until > @bootedAtMs + coalesce(set_per_ms, per_ms), paused_for, NULL)
         WHERE coalesce(set_per_ms, per_ms) <= @doubtedMs AND @bootedAtMs + coalesce(set_per_ms, per_ms) > @nowMs
           AND EXISTS (SELECT 1 FROM attempts WHERE lane_id = lanes.id
                         AND coalesce(replied_at, sent_at) > @lastMs - coalesce(set_per_ms, per_ms))`,
    )
    .run({ bootedAtMs, nowMs, lastMs, doubtedMs: DOUBTED_MS });
}

/** When a create of this state last left, or was answered; one that was adopted from a sidecar is none of them. */
function lastCreateMs(sqlite: Store['sqlite']): number | null {
  return sqlite
    .prepare<[], number | null>(
      'SELECT max(max(sent_at, coalesce(replied_at, sent_at))) FROM attempts WHERE run_id IS NOT NULL',
    )
    .pluck()
    .get() as number | null;
}
