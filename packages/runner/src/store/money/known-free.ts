import { canonicalJson, type JobSnapshot, jobFacts, type Plan, type PlannedJob, roughName } from '@localize/core';
import { alikeAtFirst, groupsOf, twinsIn } from '../../content/alike-jobs.js';
import { type Contents, contentsBy, onEachRoute } from '../../content/fingerprint.js';
import { KnownContents } from '../../content/known-contents.js';
import { sourcesOf } from '../../content/planned-parts.js';
import { BatchJobs } from '../batch-jobs.js';
import { jobIdOf } from '../job-id.js';
import { prepared } from '../prepared.js';
import { IS_DOUBTFUL } from '../schema/doubtful-jobs.js';
import type { Store } from '../store.js';
import { isMadeAlready } from '../twins/made-already.js';
import { FirstAsks, madeBeside } from '../twins/made-beside.js';

/**
 * Which jobs a run would take from what there is, as far as the state tells without a look into any file: two copies of a
 * file are the same once a run has read them. A job whose length nothing has that was bought is looked at no further.
 */
export class KnownFree {
  readonly #store: Store | null;
  readonly #batchId: number;
  readonly #asks: FirstAsks;
  readonly #contents: KnownContents;
  /** Lengths of what was bought, that of a job which states none too. */
  readonly #lengths: ReadonlySet<number | null>;
  readonly #found = new Map<string, boolean>();
  /** Whether two jobs of the plan may be made of the very same. */
  readonly mayRepeat: boolean;

  /** @param store `null`: there is no state yet */
  constructor(store: Store | null, plan: Plan, batchId: number) {
    this.#store = store;
    this.#batchId = batchId;
    this.#asks = new FirstAsks(plan.jobs);
    this.#contents = new KnownContents(store);
    this.mayRepeat = jobFacts(plan.jobs).mayRepeat;
    this.#lengths = store === null ? new Set() : lengthsBought(store, { plan, batchId, mayRepeat: this.mayRepeat });
  }

  /** Whether nothing was bought that any job might take. */
  get areNoneMade(): boolean {
    return this.#lengths.size === 0;
  }

  /** Whether the result of a job that is still to be bought is there, or on its way. */
  isMade(job: PlannedJob): boolean {
    if (!this.#lengths.has(job.durationMs)) return false;
    const found = this.#found.get(job.key) ?? this.#look(job);
    this.#found.set(job.key, found);
    return found;
  }

  /** The same of a job that waits, by what is told of it. */
  isWaitingMade({ key, state, trackDurationMs }: JobSnapshot): boolean {
    if (state !== 'pending' && state !== 'staging') return false;
    if (this.#store === null || !this.#lengths.has(trackDurationMs)) return false;
    const known = this.#found.get(key);
    if (known !== undefined) return known;
    const row = prepared<[number, string], { planned: string }>(
      this.#store,
      'SELECT planned FROM jobs WHERE batch_id = ? AND key = ?',
    ).get(this.#batchId, key);
    return row !== undefined && this.isMade(JSON.parse(row.planned) as PlannedJob);
  }

  /** Which of these are made of the very same as an earlier one of them, on whichever routes: by the key the key of that one. */
  twinsAmong(jobs: Iterable<PlannedJob>): ReadonlyMap<string, string> {
    if (!this.mayRepeat) return new Map();
    const textOf = (job: PlannedJob) => canonicalJson(this.#contentsOf(job));
    return twinsIn(alikeAtFirst(jobs, roughName).flatMap((group) => groupsOf(group, textOf)));
  }

  #contentsOf(job: PlannedJob): Contents {
    return contentsBy((source) => this.#contents.nameOf(source), job);
  }

  #look(job: PlannedJob): boolean {
    if (this.#store === null || job.choices.length === 0) return false;
    if (sourcesOf(job).some((source) => this.#contents.idOf(source) === null)) return false;
    const [fingerprint = '', ...further] = onEachRoute(this.#contentsOf(job), job);
    const wanted = { batchId: this.#batchId, jobId: jobIdOf(this.#store, this.#batchId, job.key) };
    if (isMadeAlready(this.#store, job, { ...wanted, fingerprint })) return true;
    if (further.length === 0 || !this.mayRepeat) return false;
    return madeBeside(this.#store, job, { ...wanted, fingerprints: further, asks: this.#asks }) !== null;
  }
}

/**
 * What a job may take that waits: what was bought for other batches, for jobs that have left this one or were edited since,
 * and for itself; of all others of its own where two may be the same, or where the plan is another than the state has.
 */
function lengthsBought(
  store: Store,
  { plan, batchId, mayRepeat }: { readonly plan: Plan; readonly batchId: number; readonly mayRepeat: boolean },
): ReadonlySet<number | null> {
  const isInState = plan.jobs instanceof BatchJobs && plan.jobs.isInState;
  const own =
    mayRepeat || !isInState
      ? `${LENGTHS} WHERE batch_id = @batchId AND (${HAS_RESULT})`
      : `${LENGTHS} INDEXED BY jobs_orphaned WHERE batch_id = @batchId AND orphaned = 1 AND (${HAS_RESULT})
         UNION ${LENGTHS} INDEXED BY jobs_doubtful WHERE batch_id = @batchId AND state = 'succeeded' AND ${IS_DOUBTFUL}
         UNION ${LENGTHS} INDEXED BY jobs_backlog WHERE batch_id = @batchId AND state IN ${UNDER_WAY} AND as_planned = 0`;
  const rows = prepared<[{ batchId: number }], { lengthMs: number | null }>(
    store,
    `${LENGTHS} WHERE batch_id IN (SELECT id FROM batches WHERE id <> @batchId) AND (${HAS_RESULT})
     UNION ${own}
     UNION ${LENGTHS} WHERE batch_id = @batchId AND state IN ('pending', 'staging')
       AND EXISTS (SELECT 1 FROM attempts a WHERE a.job_id = jobs.id AND a.state = 'completed')`,
  ).all({ batchId });
  return new Set(rows.map(({ lengthMs }) => lengthMs));
}

const LENGTHS = `SELECT planned ->> '$.durationMs' AS lengthMs FROM jobs`;
const UNDER_WAY = "('submitting', 'processing', 'downloading', 'held')";
const HAS_RESULT = `state = 'succeeded' OR EXISTS (SELECT 1 FROM attempts a WHERE a.job_id = jobs.id)`;
