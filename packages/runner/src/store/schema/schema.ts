import type {
  AttemptState,
  CostSource,
  Failure,
  HoldReason,
  JobState,
  JsonObject,
  LimitSources,
  PauseCause,
  PlannedJob,
} from '@localize/core';
import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { FinishedOutput, RefusedKey, StandingVideo, StoredRequest } from './stored-types.js';

/*
 * Times are epoch milliseconds, money is micro-dollars, `json` columns hold plain data. Indexes, triggers and checks are in
 * `migrations.ts`, which makes the database; here is what its rows are read and written by.
 */

export const batches = sqliteTable('batches', {
  id: integer('id').primaryKey(),
  name: text('name').notNull().unique(),
  manifestPath: text('manifest_path').notNull(),
  outputDir: text('output_dir').notNull(),
  /** The run that holds the batch; every buying transaction checks it, so that a displaced run cannot buy. */
  holderRunId: text('holder_run_id'),
  /** Where its outputs are delivered to besides the disk. */
  destination: text('destination'),
  /** Where its files are staged, `providers` at each provider's own storage; `null`: unknown. */
  staging: text('staging'),
  warnings: text('warnings', { mode: 'json' }).$type<readonly string[]>().notNull(),
  /** Digest of the plan that the jobs were last brought in line with; `null`: unknown. */
  planDigest: text('plan_digest'),
  /** What its reports were made of, while that is what is; see `reported.ts`. */
  reported: text('reported'),
  createdAt: integer('created_at').notNull(),
});

export const runs = sqliteTable('runs', {
  id: text('id').primaryKey(),
  batchId: integer('batch_id').notNull(),
  startedAt: integer('started_at').notNull(),
  endedAt: integer('ended_at'),
  endedWhy: text('ended_why'),
  /** Cap of the run's new spending. */
  maxMicros: integer('max_micros'),
  /** What it may newly spend without its user's word for more. */
  agreedMicros: integer('agreed_micros'),
  host: text('host').notNull(),
  version: text('version').notNull(),
});

export const jobs = sqliteTable('jobs', {
  id: integer('id').primaryKey(),
  batchId: integer('batch_id').notNull(),
  key: text('key').notNull(),
  position: integer('position').notNull(),
  state: text('state').$type<JobState>().notNull(),
  orphaned: integer('orphaned', { mode: 'boolean' }).notNull(),
  /** What the manifest asks for now. */
  planned: text('planned', { mode: 'json' }).$type<PlannedJob>().notNull(),
  /** Provider of the route that would be bought next; `null` when none is left. */
  provider: text('provider'),
  /** Index into `planned.choices`. */
  choice: integer('choice').notNull(),
  /** Its newest attempt, or the output that was looked at last, is what `planned` asks for as it stands here. */
  asPlanned: integer('as_planned', { mode: 'boolean' }).notNull().default(false),
  /** Fingerprint of the result on disk. */
  fingerprint: text('fingerprint'),
  /** Fields that changed since the result was made; a re-make waits for a yes. */
  changed: text('changed', { mode: 'json' }).$type<readonly string[]>(),
  /** The last run was told to make it again, and the budget had no room for it. */
  remakeWaits: integer('remake_waits', { mode: 'boolean' }).notNull().default(false),
  /** The video that it had when it was last to be made again: it stays until another takes its place. */
  standing: text('standing', { mode: 'json' }).$type<StandingVideo>(),
  holdReason: text('hold_reason').$type<HoldReason>(),
  failure: text('failure', { mode: 'json' }).$type<Failure>(),
  /** Paid tries that failed and were followed by an automatic new one. */
  retries: integer('retries').notNull(),
  /** Consecutive times that something free went wrong (no connection, no upload, no download). */
  stumbles: integer('stumbles').notNull(),
  /** Not before this time. */
  readyAt: integer('ready_at').notNull(),
  output: text('output', { mode: 'json' }).$type<FinishedOutput>(),
  /** Somebody changed the output on disk since it was verified. */
  edited: integer('edited', { mode: 'boolean' }).notNull().default(false),
  /** Attempt that the result or the download belongs to. */
  attemptId: text('attempt_id'),
});

/** Limits that a command set, in place of the manifest's; `null` where it said nothing. */
const setLimitColumns = {
  setCreates: integer('set_creates'),
  setPerMs: integer('set_per_ms'),
  setConcurrent: integer('set_concurrent'),
};

export const lanes = sqliteTable('lanes', {
  id: integer('id').primaryKey(),
  provider: text('provider').notNull(),
  host: text('host').notNull(),
  /** Name of the key variable, for display only. */
  display: text('display').notNull(),
  /** The name that a manifest gave its account: with it the lane outlives its keys. `null`: its keys are all that is known. */
  account: text('account'),
  /** The limits of the last run's manifest; creates per `per_ms`, and open attempts at once. */
  creates: integer('creates').notNull(),
  perMs: integer('per_ms').notNull(),
  concurrent: integer('concurrent').notNull(),
  /** Where each of them comes from. */
  limitsFrom: text('limits_from', { mode: 'json' }).$type<LimitSources>(),
  ...setLimitColumns,
  /** Concurrency that the provider was seen to allow, when lower than the setting. */
  learnedConcurrent: integer('learned_concurrent'),
  /** Creates accepted since that ceiling was last changed. */
  acceptedSince: integer('accepted_since').notNull().default(0),
  pausedUntil: integer('paused_until').notNull(),
  pausedFor: text('paused_for').$type<PauseCause>(),
  closed: text('closed'),
  /** Keys that the provider refused since a run last tried them; `null`: none. */
  refusedKeys: text('refused_keys', { mode: 'json' }).$type<readonly RefusedKey[]>(),
  rateLimited: integer('rate_limited').notNull(),
  /** Creates in a row whose reply was lost; two of them mean an outage. */
  doubts: integer('doubts').notNull(),
  /** Creates in a row that were answered 429. */
  throttled: integer('throttled').notNull(),
  /** Creates in a row for which no connection could be made. */
  unreached: integer('unreached').notNull(),
  /** Counts up with every lane that a run opens: of lanes that had one variable, the last one opened has its key. */
  opened: integer('opened').notNull().default(0),
});

/** Limits that a command set for all lanes of a provider; a lane that is new to the state starts with them. */
export const limitSettings = sqliteTable('limit_settings', {
  provider: text('provider').primaryKey(),
  ...setLimitColumns,
});

export const laneKeys = sqliteTable(
  'lane_keys',
  {
    provider: text('provider').notNull(),
    host: text('host').notNull(),
    /** Salted hash of the secret: the key's identity, from which it cannot be had. */
    keyHash: text('key_hash').notNull(),
    laneId: integer('lane_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.provider, table.host, table.keyHash] })],
);

export const attempts = sqliteTable('attempts', {
  id: text('id').primaryKey(),
  jobId: integer('job_id').notNull(),
  /** The run that made it; `null` in rows that an older version wrote. */
  runId: text('run_id'),
  part: integer('part').notNull(),
  route: text('route').notNull(),
  provider: text('provider').notNull(),
  laneId: integer('lane_id').notNull(),
  laneDisplay: text('lane_display').notNull(),
  keyHash: text('key_hash').notNull(),
  state: text('state').$type<AttemptState>().notNull(),
  fingerprint: text('fingerprint').notNull(),
  /** What was sent, as the provider contract has it. */
  request: text('request', { mode: 'json' }).$type<StoredRequest>().notNull(),
  estimateMicros: integer('estimate_micros'),
  /** What it takes up under the budget until its price is known: with the margin; `null` where no cap covers it. */
  reservedMicros: integer('reserved_micros'),
  /** The same by what was learned of the route's price since it was bought; `null`: nothing. */
  expectedMicros: integer('expected_micros'),
  /** The price that the provider stated when it accepted; billed once it has delivered. */
  quotedMicros: integer('quoted_micros'),
  billedMicros: integer('billed_micros'),
  costSource: text('cost_source').$type<CostSource>().notNull(),
  predictionId: text('prediction_id'),
  /** Opaque; handed back to the adapter verbatim. */
  reference: text('reference', { mode: 'json' }).$type<JsonObject>(),
  /** When its media began to be made fetchable, and when all of it was: from then on it waited for a place. */
  stagingAt: integer('staging_at'),
  stagedAt: integer('staged_at'),
  /** What the wall clock was ahead of the state's own by when it was bought: its times plus this are the calendar's. */
  wallAhead: integer('wall_ahead').notNull().default(0),
  intendedAt: integer('intended_at').notNull(),
  sentAt: integer('sent_at').notNull(),
  /** When the reply came, or was given up. */
  repliedAt: integer('replied_at'),
  acceptedAt: integer('accepted_at'),
  /** When a poll first said that the provider works on it; `null` where it was never seen between queue and end. */
  runningAt: integer('running_at'),
  endedAt: integer('ended_at'),
  /** The download that brought its result, from its first byte asked for to the verified file. */
  downloadAt: integer('download_at'),
  downloadedAt: integer('downloaded_at'),
  /** Runs that brought its result to the disk: more than one where its file was gone by then. */
  fetchedBy: text('fetched_by', { mode: 'json' }).$type<readonly string[]>(),
  /** After this the attempt no longer holds its slot. */
  slotUntil: integer('slot_until').notNull(),
  pollAt: integer('poll_at'),
  polls: integer('polls').notNull(),
  /** Looks in a row that found nothing, and since when: of the prediction, and once it has completed of its result. */
  missing: integer('missing').notNull(),
  missingSince: integer('missing_since'),
  unknownStatus: text('unknown_status'),
  /** How often a lost create, or a lost result at the user's word, was looked for and not found. */
  searches: integer('searches').notNull(),
  searchAt: integer('search_at'),
  outputUrl: text('output_url'),
  seed: integer('seed'),
  failure: text('failure', { mode: 'json' }).$type<Failure>(),
});

/**
 * Predictions that this state did not buy and knows from the sidecars of their results: what was paid for them before
 * the state was lost, or on another machine.
 */
export const adoptedPredictions = sqliteTable('adopted_predictions', {
  /** `<provider> <prediction id>`, so that none counts twice; `sha256 <of the result>` where the sidecar has no id. */
  id: text('id').primaryKey(),
  jobId: integer('job_id').notNull(),
  /** Of the result; `null` in rows that an older version wrote. */
  fingerprint: text('fingerprint'),
  route: text('route').notNull(),
  provider: text('provider').notNull(),
  predictionId: text('prediction_id'),
  estimateMicros: integer('estimate_micros'),
  /** What it cost by what was learned of the route's price since; `null`: nothing. */
  expectedMicros: integer('expected_micros'),
  /** `null`: the sidecar does not tell. */
  billedMicros: integer('billed_micros'),
  costSource: text('cost_source').$type<CostSource>().notNull(),
  /** When it ended at its provider. */
  madeAt: integer('made_at').notNull(),
});

export const assets = sqliteTable(
  'assets',
  {
    contentId: text('content_id').notNull(),
    destination: text('destination').notNull(),
    url: text('url').notNull(),
    expiresAt: integer('expires_at'),
  },
  (table) => [primaryKey({ columns: [table.contentId, table.destination] })],
);

/** Which run is about to bring a content to a destination, so that no other does the same meanwhile. */
export const uploadClaims = sqliteTable(
  'upload_claims',
  {
    contentId: text('content_id').notNull(),
    destination: text('destination').notNull(),
    runId: text('run_id').notNull(),
    /** When its run last said that it is at it. */
    renewedAt: integer('renewed_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.contentId, table.destination] })],
);

/** What of a job's outputs lies at a destination, and why the last delivery failed. */
export const deliveries = sqliteTable(
  'deliveries',
  {
    jobId: integer('job_id').notNull(),
    destination: text('destination').notNull(),
    /** The output that was delivered last; `null`: none yet. */
    sha256: text('sha256'),
    deliveredAt: integer('delivered_at'),
    failure: text('failure'),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.destination] })],
);

export const fileHashes = sqliteTable('file_hashes', {
  path: text('path').primaryKey(),
  size: integer('size').notNull(),
  times: text('times').notNull(),
  sha256: text('sha256').notNull(),
});

/** What reviewers said of outputs, each mark bound to the bytes that were looked at. */
export const marks = sqliteTable(
  'marks',
  {
    jobId: integer('job_id').notNull(),
    sha256: text('sha256').notNull(),
    reviewer: text('reviewer').notNull(),
    verdict: text('verdict').$type<'approve' | 'redo'>().notNull(),
    /** For a redo: the route to make it on. */
    route: text('route'),
    note: text('note').notNull(),
    /** When the reviewer made it. */
    at: integer('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.sha256, table.reviewer] })],
);

/** What a reviewer's redo changes in the making of a job; the latest row of a job holds until the manifest overrides it. */
export const redos = sqliteTable('redos', {
  id: integer('id').primaryKey(),
  jobId: integer('job_id').notNull(),
  /** The output that was to be made again. */
  sha256: text('sha256').notNull(),
  /** The route to make it on; `null` keeps the manifest's. */
  route: text('route'),
  /** Sent instead of the manifest's; `null` keeps it. */
  seed: integer('seed'),
  /** What the manifest said of these two when the output was made: an edit since is the newer word. */
  preference: text('preference'),
  at: integer('at').notNull(),
});

/** What happened, in order: the history that `logs` shows. */
export const history = sqliteTable('history', {
  id: integer('id').primaryKey(),
  at: integer('at').notNull(),
  runId: text('run_id'),
  jobId: integer('job_id'),
  attemptId: text('attempt_id'),
  kind: text('kind').notNull(),
  data: text('data', { mode: 'json' }).$type<unknown>(),
});

export const meta = sqliteTable('meta', { key: text('key').primaryKey(), value: text('value').notNull() });
