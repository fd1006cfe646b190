import { ATTEMPT_STATES, JOB_STATES, OPEN_ATTEMPT_STATES } from '@localize/core';
import { ADOPTED_SPENDING, EXPECTED_ADOPTED } from './adopted-triggers.js';
import { hasResultIn, holdsSlotIn, isOpenIn } from './attempt-states.js';
import { FORMER_SPENDING } from './former-triggers.js';
import { forgetOfJob, REPORTED, REPORTED_AS_SHOWN, REPORTED_EXPECTED } from './reported-triggers.js';
import { COMPARED_SPENDING, EXPECTED_SPENDING, SPENDING, SPENDING_BY_WALL_CLOCK } from './spending-triggers.js';

const list = (words: readonly string[]) => words.map((word) => `'${word}'`).join(', ');

/**
 * The database's shape, one step a version, append-only: a released step is never edited. The two unique indexes on
 * attempts are the last guards against paying twice.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE batches (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    manifest_path TEXT NOT NULL,
    output_dir TEXT NOT NULL,
    holder_run_id TEXT,
    warnings TEXT NOT NULL DEFAULT '[]',
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    batch_id INTEGER NOT NULL REFERENCES batches (id),
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    ended_why TEXT,
    host TEXT NOT NULL,
    version TEXT NOT NULL
  ) STRICT;
  CREATE TABLE jobs (
    id INTEGER PRIMARY KEY,
    batch_id INTEGER NOT NULL REFERENCES batches (id),
    key TEXT NOT NULL,
    position INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN (${list(JOB_STATES)})),
    orphaned INTEGER NOT NULL DEFAULT 0,
    planned TEXT NOT NULL,
    provider TEXT,
    choice INTEGER NOT NULL DEFAULT 0,
    fingerprint TEXT,
    changed TEXT,
    hold_reason TEXT CHECK ((state = 'held') = (hold_reason IS NOT NULL)),
    failure TEXT,
    retries INTEGER NOT NULL DEFAULT 0,
    stumbles INTEGER NOT NULL DEFAULT 0,
    ready_at INTEGER NOT NULL DEFAULT 0,
    output TEXT,
    attempt_id TEXT
  ) STRICT;
  CREATE UNIQUE INDEX jobs_key ON jobs (batch_id, key);
  CREATE INDEX jobs_backlog ON jobs (batch_id, state, provider, position);
  CREATE INDEX jobs_fingerprint ON jobs (fingerprint) WHERE fingerprint IS NOT NULL;
  CREATE TABLE lanes (
    id INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,
    host TEXT NOT NULL,
    display TEXT NOT NULL,
    creates INTEGER NOT NULL,
    per_ms INTEGER NOT NULL,
    concurrent INTEGER NOT NULL,
    learned_concurrent INTEGER,
    paused_until INTEGER NOT NULL DEFAULT 0,
    closed TEXT,
    rate_limited INTEGER NOT NULL DEFAULT 0,
    doubts INTEGER NOT NULL DEFAULT 0,
    throttled INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE lane_keys (
    provider TEXT NOT NULL,
    host TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    lane_id INTEGER NOT NULL REFERENCES lanes (id),
    PRIMARY KEY (provider, host, key_hash)
  ) STRICT;
  CREATE TABLE attempts (
    id TEXT PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES jobs (id),
    part INTEGER NOT NULL DEFAULT 1,
    route TEXT NOT NULL,
    provider TEXT NOT NULL,
    lane_id INTEGER NOT NULL REFERENCES lanes (id),
    lane_display TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN (${list(ATTEMPT_STATES)})),
    fingerprint TEXT NOT NULL,
    request TEXT NOT NULL,
    estimate_micros INTEGER,
    quoted_micros INTEGER,
    billed_micros INTEGER,
    cost_source TEXT NOT NULL DEFAULT 'none' CHECK (cost_source IN ('provider', 'price', 'none')),
    prediction_id TEXT,
    reference TEXT,
    intended_at INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    replied_at INTEGER,
    accepted_at INTEGER,
    ended_at INTEGER,
    slot_until INTEGER NOT NULL,
    poll_at INTEGER,
    polls INTEGER NOT NULL DEFAULT 0,
    missing INTEGER NOT NULL DEFAULT 0,
    missing_since INTEGER,
    unknown_status TEXT,
    searches INTEGER NOT NULL DEFAULT 0,
    search_at INTEGER,
    output_url TEXT,
    seed INTEGER,
    failure TEXT,
    CHECK (state NOT IN ('accepted', 'completed', 'lost') OR prediction_id IS NOT NULL)
  ) STRICT;
  CREATE UNIQUE INDEX attempts_one_open ON attempts (job_id, part) WHERE state IN (${list(OPEN_ATTEMPT_STATES)});
  CREATE UNIQUE INDEX attempts_prediction ON attempts (provider, lane_id, prediction_id) WHERE prediction_id IS NOT NULL;
  CREATE INDEX attempts_job ON attempts (job_id);
  CREATE INDEX attempts_open ON attempts (lane_id, state) WHERE state IN (${list(OPEN_ATTEMPT_STATES)});
  CREATE INDEX attempts_slots ON attempts (lane_id, slot_until)
    WHERE state IN ('intended', 'accepted', 'uncertain', 'abandoned');
  CREATE INDEX attempts_window ON attempts (lane_id, replied_at);
  CREATE INDEX attempts_poll ON attempts (poll_at) WHERE state = 'accepted';
  CREATE INDEX attempts_search ON attempts (search_at) WHERE state IN ('uncertain', 'abandoned');
  CREATE INDEX jobs_due ON jobs (batch_id, state, ready_at);
  CREATE TABLE assets (
    content_id TEXT NOT NULL,
    destination TEXT NOT NULL,
    url TEXT NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (content_id, destination)
  ) STRICT;
  CREATE TABLE file_hashes (
    path TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    mtime_ms INTEGER NOT NULL,
    sha256 TEXT NOT NULL
  ) STRICT;
  CREATE TABLE history (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    run_id TEXT,
    job_id INTEGER,
    attempt_id TEXT,
    kind TEXT NOT NULL,
    data TEXT
  ) STRICT;
  CREATE INDEX history_job ON history (job_id) WHERE job_id IS NOT NULL;
  `,
  `
  CREATE TABLE marks (
    job_id INTEGER NOT NULL REFERENCES jobs (id),
    sha256 TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('approve', 'redo')),
    route TEXT,
    note TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (job_id, sha256, reviewer)
  ) STRICT;
  `,
  `
  ALTER TABLE attempts ADD COLUMN run_id TEXT;
  ALTER TABLE attempts ADD COLUMN staging_at INTEGER;
  ALTER TABLE attempts ADD COLUMN staged_at INTEGER;
  ALTER TABLE attempts ADD COLUMN running_at INTEGER;
  ALTER TABLE attempts ADD COLUMN download_at INTEGER;
  ALTER TABLE attempts ADD COLUMN downloaded_at INTEGER;
  CREATE TABLE redos (
    id INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES jobs (id),
    sha256 TEXT NOT NULL,
    route TEXT,
    seed INTEGER,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX redos_output ON redos (job_id, sha256);
  `,
  `
  ALTER TABLE lanes ADD COLUMN paused_for TEXT;
  ALTER TABLE lanes ADD COLUMN unreached INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE lanes ADD COLUMN limits_from TEXT;
  ALTER TABLE lanes ADD COLUMN set_creates INTEGER;
  ALTER TABLE lanes ADD COLUMN set_per_ms INTEGER;
  ALTER TABLE lanes ADD COLUMN set_concurrent INTEGER;
  CREATE TABLE limit_settings (
    provider TEXT PRIMARY KEY,
    set_creates INTEGER,
    set_per_ms INTEGER,
    set_concurrent INTEGER
  ) STRICT;
  `,
  `
  ALTER TABLE attempts ADD COLUMN reserved_micros INTEGER;
  ALTER TABLE runs ADD COLUMN max_micros INTEGER;
  CREATE TABLE spending (
    scope TEXT NOT NULL,
    batch_id INTEGER NOT NULL,
    quarter INTEGER NOT NULL,
    billed INTEGER NOT NULL,
    in_flight INTEGER NOT NULL,
    at_risk INTEGER NOT NULL,
    PRIMARY KEY (scope, batch_id, quarter)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX spending_time ON spending (scope, quarter);
  ${SPENDING}
  `,
  `
  ALTER TABLE redos ADD COLUMN preference TEXT;
  `,
  `
  CREATE TABLE seen_prices (
    route TEXT NOT NULL,
    resolution TEXT NOT NULL,
    micros_per_second INTEGER NOT NULL,
    PRIMARY KEY (route, resolution)
  ) STRICT;
  CREATE TABLE closed_routes (
    route TEXT PRIMARY KEY,
    why TEXT NOT NULL,
    price TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX attempts_unpriced ON attempts (route)
    WHERE state IN ('intended', 'accepted') AND quoted_micros IS NULL AND billed_micros IS NULL;
  `,
  `
  CREATE TABLE notices (
    batch TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (batch, kind, subject)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE jobs ADD COLUMN edited INTEGER NOT NULL DEFAULT 0;
  `,
  `
  ALTER TABLE batches ADD COLUMN destination TEXT;
  CREATE TABLE deliveries (
    job_id INTEGER NOT NULL REFERENCES jobs (id),
    destination TEXT NOT NULL,
    sha256 TEXT,
    delivered_at INTEGER,
    failure TEXT,
    PRIMARY KEY (job_id, destination)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE jobs ADD COLUMN as_planned INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE batches ADD COLUMN plan_digest TEXT;
  `,
  `
  ALTER TABLE lanes ADD COLUMN accepted_since INTEGER NOT NULL DEFAULT 0;
  `,
  `
  CREATE TABLE upload_claims (
    content_id TEXT NOT NULL,
    destination TEXT NOT NULL,
    run_id TEXT NOT NULL,
    renewed_at INTEGER NOT NULL,
    PRIMARY KEY (content_id, destination)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE lane_ceilings (
    lane_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    concurrent INTEGER
  ) STRICT;
  CREATE INDEX lane_ceilings_lane ON lane_ceilings (lane_id);
  `,
  `
  CREATE INDEX jobs_doubtful ON jobs (batch_id)
    WHERE state = 'succeeded' AND (as_planned = 0 OR changed IS NOT NULL OR edited = 1);
  CREATE INDEX jobs_moved_on ON jobs (batch_id) WHERE orphaned = 0 AND (choice <> 0 OR provider IS NULL);
  CREATE INDEX jobs_orphaned ON jobs (batch_id) WHERE orphaned = 1;
  ${REPORTED}
  `,
  `
  ALTER TABLE runs ADD COLUMN agreed_micros INTEGER;
  `,
  `
  CREATE TABLE adopted_predictions (
    id TEXT PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES jobs (id),
    route TEXT NOT NULL,
    provider TEXT NOT NULL,
    prediction_id TEXT,
    estimate_micros INTEGER,
    billed_micros INTEGER,
    cost_source TEXT NOT NULL CHECK (cost_source IN ('provider', 'price', 'none')),
    made_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX adopted_predictions_job ON adopted_predictions (job_id);
  ${ADOPTED_SPENDING}
  ${forgetOfJob('adopted_predictions')}
  `,
  `
  CREATE INDEX attempts_twins ON attempts (fingerprint)
    WHERE state IN ('intended', 'accepted', 'uncertain', 'completed');
  `,
  `
  ALTER TABLE adopted_predictions ADD COLUMN fingerprint TEXT;
  `,
  `
  CREATE TABLE lane_stops (
    lane_id INTEGER NOT NULL,
    batch_id INTEGER,
    at INTEGER NOT NULL,
    until INTEGER,
    cause TEXT NOT NULL
  ) STRICT;
  CREATE INDEX lane_stops_lane ON lane_stops (lane_id);
  `,
  `
  ALTER TABLE attempts ADD COLUMN wall_ahead INTEGER NOT NULL DEFAULT 0;
  ${SPENDING_BY_WALL_CLOCK}
  `,
  // No time is what no file has: each is read once more.
  `
  ALTER TABLE file_hashes ADD COLUMN times TEXT NOT NULL DEFAULT '';
  ALTER TABLE file_hashes DROP COLUMN mtime_ms;
  `,
  FORMER_SPENDING,
  REPORTED_AS_SHOWN,
  `${EXPECTED_SPENDING}${EXPECTED_ADOPTED}${REPORTED_EXPECTED}`,
  `
  ALTER TABLE jobs ADD COLUMN remake_waits INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX jobs_remake_waits ON jobs (batch_id) WHERE remake_waits = 1;
  `,
  `
  ALTER TABLE batches ADD COLUMN staging TEXT;
  `,
  `
  ALTER TABLE attempts ADD COLUMN fetched_by TEXT;
  `,
  `
  ALTER TABLE jobs ADD COLUMN standing TEXT;
  `,
  `
  ALTER TABLE lanes ADD COLUMN refused_keys TEXT;
  `,
  `
  ALTER TABLE lanes ADD COLUMN account TEXT;
  `,
  `
  ALTER TABLE lanes ADD COLUMN opened INTEGER NOT NULL DEFAULT 0;
  `,
  `
  CREATE INDEX adopted_predictions_fingerprint ON adopted_predictions (fingerprint);
  `,
  `
  CREATE TABLE accepted_prices (
    route TEXT NOT NULL,
    price TEXT NOT NULL,
    billed_micros INTEGER NOT NULL,
    estimate_micros INTEGER NOT NULL,
    PRIMARY KEY (route, price)
  ) STRICT;
  ALTER TABLE closed_routes RENAME TO closed_routes_before;
  CREATE TABLE closed_routes (
    route TEXT NOT NULL,
    price TEXT NOT NULL,
    why TEXT NOT NULL,
    cause TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (route, price)
  ) STRICT;
  INSERT INTO closed_routes SELECT route, price, why, 'price', at FROM closed_routes_before;
  DROP TABLE closed_routes_before;
  `,
  ['closed_routes', 'accepted_prices']
    .map(
      (table) => `
  ALTER TABLE ${table} ADD COLUMN resolution TEXT;
  ALTER TABLE ${table} ADD COLUMN frames INTEGER;
  ALTER TABLE ${table} ADD COLUMN billed_ms INTEGER;`,
    )
    .concat('ALTER TABLE closed_routes ADD COLUMN billed_micros INTEGER;')
    .join('\n'),
  // Said by comparisons; for why, see there.
  `
  DROP INDEX attempts_one_open;
  DROP INDEX attempts_open;
  DROP INDEX attempts_slots;
  DROP INDEX attempts_twins;
  CREATE UNIQUE INDEX attempts_one_open ON attempts (job_id, part) WHERE ${isOpenIn('')};
  CREATE INDEX attempts_open ON attempts (lane_id, state) WHERE ${isOpenIn('')};
  CREATE INDEX attempts_slots ON attempts (lane_id, slot_until) WHERE ${holdsSlotIn('')};
  CREATE INDEX attempts_twins ON attempts (fingerprint) WHERE ${hasResultIn('')};
  ${COMPARED_SPENDING}
  `,
  // Runs that wait for a place in a lane, so that those of other batches leave them their share.
  `
  CREATE TABLE lane_waits (
    lane_id INTEGER NOT NULL,
    batch_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (lane_id, batch_id)
  ) STRICT, WITHOUT ROWID;
  `,
];
