import { existsSync } from 'node:fs';
import { type MarkSnapshot, type Redo, redoSeed, reviewState } from '@localize/core';
import Database from 'better-sqlite3';
import { and, asc, eq } from 'drizzle-orm';
import { attemptOf } from '../../foresee/changed-jobs.js';
import { prepared } from '../prepared.js';
import { marks, redos } from '../schema/schema.js';
import type { JobRow, Store } from '../store.js';

/**
 * Redos by job key, oldest first, for the plan of a batch. Reads only, and from a state that may not be there. One that cannot be read
 * has none: whoever needs that state opens it next, and says what is wrong with it.
 */
export function readRedos(statePath: string, batch: string): Map<string, Redo[]> {
  if (!existsSync(statePath)) return new Map();
  let sqlite: Database.Database | null = null;
  try {
    sqlite = new Database(statePath, { readonly: true, fileMustExist: true, timeout: 10_000 });
    if (!hasRedos(sqlite)) return new Map();
    const rows = sqlite
      .prepare<[string], Redo & { key: string }>(
        `SELECT j.key, r.route, r.seed, r.preference FROM redos r JOIN jobs j ON j.id = r.job_id
           JOIN batches b ON b.id = j.batch_id WHERE b.name = ? ORDER BY r.id`,
      )
      .all(batch);
    const byKey = new Map<string, Redo[]>();
    for (const { key, ...redo } of rows) byKey.set(key, [...(byKey.get(key) ?? []), redo]);
    return byKey;
  } catch (error) {
    if (error instanceof Database.SqliteError) return new Map();
    throw error;
  } finally {
    sqlite?.close();
  }
}

/** States of older versions have none. */
function hasRedos(sqlite: Database.Database): boolean {
  return sqlite.prepare(`SELECT 1 FROM pragma_table_info('redos') WHERE name = 'preference'`).get() !== undefined;
}

/**
 * Brings the redo of a job's present output in line with its marks: one where the reviewers want it made again, none
 * where they do not or disagree. What earlier outputs were made with stays.
 */
export function settleRedo(store: Store, job: JobRow, nowMs: number): void {
  const sha256 = job.output?.sha256;
  if (sha256 === undefined) return;
  const own = and(eq(redos.jobId, job.id), eq(redos.sha256, sha256));
  const said = marksOf(store, job.id, sha256);
  if (reviewState({ marks: said }) !== 'redo') {
    store.db.delete(redos).where(own).run();
    return;
  }
  const wanted = wantedRedo(store, job, sha256, said);
  store.db
    .insert(redos)
    .values({ jobId: job.id, sha256, ...wanted, at: nowMs })
    .onConflictDoUpdate({ target: [redos.jobId, redos.sha256], set: wanted })
    .run();
}

/** What the reviewers of an output have said of it. */
export function marksOf(store: Store, jobId: number, sha256: string): MarkSnapshot[] {
  const rows = store.db
    .select()
    .from(marks)
    .where(and(eq(marks.jobId, jobId), eq(marks.sha256, sha256)))
    .orderBy(asc(marks.at), asc(marks.reviewer))
    .all();
  return rows.map(({ reviewer, verdict, route, note, at }) => ({ reviewer, verdict, route, note, atMs: at }));
}

/** Another route that a reviewer names has it; else the route that made it gets a seed that nothing was bought with yet. */
function wantedRedo(store: Store, job: JobRow, sha256: string, said: readonly MarkSnapshot[]): Redo {
  const preference = job.planned.preference ?? null;
  const route = said.find((mark) => mark.route !== null)?.route ?? null;
  const made = attemptOf(store, job);
  if (route !== null && route !== made?.route) return { route, seed: null, preference };
  return { route: made?.route ?? null, seed: redoSeed(sha256, spentSeeds(store, job)), preference };
}

/** Those that were sent for a job, and those that providers say they took themselves. What was refused has bought nothing. */
function spentSeeds(store: Store, { id }: JobRow): Set<number> {
  const rows = prepared<[number], { asked: number | null; seed: number | null }>(
    store,
    `SELECT json_extract(request, '$.input.seed') AS asked, seed FROM attempts WHERE job_id = ? AND state <> 'refused'`,
  ).all(id);
  return new Set(rows.flatMap(({ asked, seed }) => [asked, seed].filter((each) => each !== null)));
}
