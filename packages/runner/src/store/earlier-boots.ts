import type { Store } from './store.js';

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

/**
 * Brings what earlier boots wrote to the wall clock, by which alone the times of two boots compare: where it was set right
 * after a boot's time was fixed, that boot's creates would else fall out of their window and their slots too early, or
 * stay too long. By the calendar all of them stay when they were.
 *
 * To be called once a boot, inside a transaction, before anything is written by the boot's own time.
 */
export function settleEarlierBoots({ sqlite }: Store): void {
  // A pause is timed by the clock that its lane's last create went by.
  sqlite
    .prepare(
      `UPDATE lanes SET paused_until = paused_until + a.wall_ahead FROM attempts a
         WHERE paused_until > 0 AND abs(a.wall_ahead) > ?
           AND a.rowid = (SELECT max(rowid) FROM attempts WHERE lane_id = lanes.id)`,
    )
    .run(SAME_MS);
  const moved = TIMES.map((time) => `${time} = ${time} + wall_ahead`).join(', ');
  sqlite.prepare(`UPDATE attempts SET ${moved}, wall_ahead = 0 WHERE abs(wall_ahead) > ?`).run(SAME_MS);
}
