import { openOnLane } from '../../lanes/admission.js';
import { bootClock } from '../clock/boot-clock.js';
import { prepared } from '../prepared.js';
import type { Store } from '../store.js';
import { troublesByOthers } from './job-trouble.js';

/** While reports are being made. */
const BEING_MADE = '';

/**
 * What was written down when the reports of a batch were made last, for as long as nothing that they show of its jobs
 * has changed; else `null`.
 */
export function readReported(store: Store, batch: string): string | null {
  const sql = 'SELECT reported FROM batches WHERE name = ?';
  const text = prepared<[string], { reported: string | null }>(store, sql).get(batch)?.reported ?? null;
  return text === BEING_MADE ? null : text;
}

/**
 * Makes the reports of a batch and writes `text` down, unless something has changed meanwhile.
 * @param make takes its snapshot and gives the text
 */
export function makeReported(store: Store, batch: string, make: () => string): void {
  set(store, BEING_MADE, batch, 'TRUE');
  const text = make();
  set(store, text, batch, `reported = '${BEING_MADE}'`);
}

/** Writes another text down in the place of the one that was read, unless something has changed meanwhile. */
export function amendReported(store: Store, batch: string, text: string): void {
  set(store, text, batch, `reported <> '${BEING_MADE}'`);
}

function set(store: Store, text: string, batch: string, when: string): void {
  prepared<[string, string], unknown>(store, `UPDATE batches SET reported = ? WHERE name = ? AND ${when}`).run(
    text,
    batch,
  );
}

/** What reports show besides the columns of jobs, attempts, marks and deliveries that make them be forgotten, in one text. */
export function factsBeside(store: Store, batch: string): string {
  const rows = prepared<[], { id: number }>(
    store,
    `SELECT id, display, provider, creates, per_ms, concurrent, set_creates, set_per_ms, set_concurrent, rate_limited, closed, refused_keys
       FROM lanes ORDER BY id`,
  ).all();
  const nowMs = bootClock(store).nowMs();
  const lanes = rows.map((lane) => ({ ...lane, open: openOnLane(store, lane.id, nowMs) }));
  const own = prepared<[string], { id: number }>(
    store,
    'SELECT id, manifest_path, output_dir, destination, warnings FROM batches WHERE name = ?',
  ).get(batch);
  return JSON.stringify([own, lanes, own === undefined ? null : troublesByOthers(store, own.id)]);
}
