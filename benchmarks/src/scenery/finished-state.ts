import { createHash, randomUUID } from 'node:crypto';
import { copyFileSync, linkSync, mkdirSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type FingerprintParts, fingerprintText } from '@localize/core';
import Database from 'better-sqlite3';

/** File systems take some ten thousands of links to one file (ext4: 65,000): then a fresh copy is what links go to. */
const LINKS_A_FILE = 50_000;

type Row = Record<string, string | number | null>;

interface Output {
  readonly path: string;
}

/**
 * Makes a state in which every job is done out of one in which the product has done a single one: the run of that job
 * has written the whole plan into the state, and each other job gets a copy of its rows, with a fingerprint of its own
 * as the product computes it, and hard links to its output and sidecar. For sizes at which the run itself would take too
 * long; the columns are copied whatever they are, so that a new one is no reason to come back here.
 * @param except so many jobs at the end of the manifest stay as they are
 */
export function finishAllJobs(statePath: string, { except = 0 }: { readonly except?: number } = {}): void {
  const database = new Database(statePath);
  database.pragma('synchronous = OFF');
  try {
    database.transaction(() => finishAll(database, except))();
    database.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    database.close();
  }
}

function finishAll(database: Database.Database, except: number): void {
  const done = database.prepare(`SELECT * FROM jobs WHERE state = 'succeeded'`).get() as Row | undefined;
  if (done === undefined) throw new Error('the state has no finished job to copy');
  const attempt = database.prepare('SELECT * FROM attempts WHERE id = ?').get(done.attempt_id) as Row;
  const request = JSON.parse(String(attempt.request)) as { parts: FingerprintParts };
  const output = JSON.parse(String(done.output)) as Output;
  const folder = dirname(dirname(output.path));
  const insert = inserter(database, attempt);
  const finish = database.prepare(
    `UPDATE jobs SET state = 'succeeded', fingerprint = ?, output = ?, attempt_id = ?, as_planned = 1 WHERE id = ?`,
  );
  const rest = database
    .prepare(`SELECT id, planned FROM jobs WHERE state <> 'succeeded' ORDER BY position`)
    .all()
    .slice(0, -except || undefined) as Row[];
  let original = output.path;
  for (const [index, { id, planned }] of rest.entries()) {
    const job = JSON.parse(String(planned)) as { output: string; choices: { input: FingerprintParts['input'] }[] };
    const parts = { ...request.parts, input: job.choices[0]?.input ?? request.parts.input };
    const fingerprint = createHash('sha256').update(fingerprintText(parts)).digest('hex');
    const path = join(folder, job.output);
    const attemptId = randomUUID();
    mkdirSync(dirname(path), { recursive: true });
    if (index > 0 && index % LINKS_A_FILE === 0) {
      copyOutput(output.path, path);
      original = path;
    } else {
      linkSync(original, path);
      linkSync(`${original}.json`, `${path}.json`);
    }
    insert.run({
      ...attempt,
      id: attemptId,
      job_id: id,
      fingerprint,
      prediction_id: randomUUID(),
      request: JSON.stringify({ ...request, parts }),
    });
    finish.run(fingerprint, JSON.stringify({ ...output, path }), attemptId, id);
  }
}

/** With its times, by which the product knows a file that nobody has touched. */
function copyOutput(from: string, to: string): void {
  copyFileSync(from, to);
  copyFileSync(`${from}.json`, `${to}.json`);
  const { atime, mtime } = statSync(from);
  utimesSync(to, atime, mtime);
}

function inserter(database: Database.Database, row: Row): Database.Statement {
  const columns = Object.keys(row);
  const values = columns.map((column) => `@${column}`);
  return database.prepare(`INSERT INTO attempts (${columns.join(', ')}) VALUES (${values.join(', ')})`);
}
