import { jobFacts, type Plan, type PlannedJob } from '@localize/core';
import type { ContentClues } from '../content/content-clues.js';
import { fingerprintsOf } from '../content/fingerprint.js';
import type { ContentIds } from '../content/hash-file.js';
import { sourcesOf } from '../content/planned-parts.js';
import type { Sidecar } from '../content/sidecar.js';
import { batchFolder, outputPath } from '../output/output-paths.js';
import { jobIdOf } from '../store/job-id.js';
import { isOwnPrediction } from '../store/money/adopted.js';
import { paidAttempt } from '../store/money/paid-attempt.js';
import { batchIdOf, NO_BATCH } from '../store/money/spending.js';
import { prepared } from '../store/prepared.js';
import type { Store } from '../store/store.js';
import { aheadOf, hasOutput, isAdopted, mayHaveResults } from '../store/twins/made-already.js';
import { FirstAsks, madeBeside } from '../store/twins/made-beside.js';
import { type ChangedJob, fieldsSince } from './changed-jobs.js';
import { isOnDisk, type LooseResults } from './loose-results.js';

/** Where a job's video comes from that nothing is bought for; with its sidecar where that alone says what was paid. */
export type TakenFrom =
  /** A result on disk that is made of the very same. */
  | { readonly kind: 'disk'; readonly sidecar?: Sidecar }
  /** A paid prediction of which no file is left: fetched again. */
  | { readonly kind: 'provider'; readonly sidecar?: Sidecar }
  /** The result of the job with this key, which is made of the very same, once it is there; perhaps on a route that neither prefers. */
  | { readonly kind: 'twin'; readonly of: string; readonly isBeside?: true };

interface Contents {
  readonly clues: ContentClues;
  readonly ids: ContentIds;
}

/** Looks for what a run would take for a job instead of buying, as the run will: nothing is written, nobody is asked. */
export class FreeResults {
  readonly #store: Store | null;
  readonly #plan: Plan;
  readonly #loose: LooseResults;
  readonly #batchId: number;
  readonly #hasResults: boolean;
  readonly #asks: FirstAsks;
  readonly #clues: ContentClues;
  readonly #ids: ContentIds;

  constructor(store: Store | null, plan: Plan, loose: LooseResults, contents: Contents) {
    this.#store = store;
    this.#plan = plan;
    this.#loose = loose;
    this.#batchId = (store && batchIdOf(store, plan.batch)) ?? NO_BATCH;
    this.#hasResults = loose.all.length > 0 || (store !== null && mayHaveResults(store));
    this.#asks = new FirstAsks(plan.jobs);
    this.#clues = contents.clues;
    this.#ids = contents.ids;
  }

  /** Nothing was ever bought, nor lies on the disk: every job has to be bought. */
  get areNone(): boolean {
    return !this.#hasResults;
  }

  /** @returns `null`: the job has to be bought. @throws the file system's error where a source cannot be read */
  async of(job: PlannedJob): Promise<TakenFrom | null> {
    if (this.areNone || !(await this.#isMaybeMade(job))) return null;
    const jobId = jobIdOf(this.#store, this.#batchId, job.key);
    const [first = '', ...further] = await fingerprintsOf(this.#ids, job);
    const found = this.#find(job, jobId, first) ?? this.#beside(job, jobId, further);
    if (found !== null) return found;
    // What lies at its own place, and what a lost state has left anywhere, is taken whichever of its routes made it.
    if (!this.#loose.areUncounted && !this.#loose.at.has(this.#pathOf(job))) return null;
    for (const fingerprint of further) {
      const other = this.#find(job, jobId, fingerprint);
      if (other !== null) return other;
    }
    return null;
  }

  #beside(job: PlannedJob, jobId: number, fingerprints: readonly string[]): TakenFrom | null {
    if (this.#store === null || fingerprints.length === 0 || !jobFacts(this.#plan.jobs).mayRepeat) return null;
    const of = madeBeside(this.#store, job, { batchId: this.#batchId, jobId, fingerprints, asks: this.#asks });
    return of === null ? null : { kind: 'twin', of, isBeside: true };
  }

  /** A finished job of an edited manifest that the state has lost: what lies at its place is its own, of something else. */
  async formerOf(job: PlannedJob): Promise<ChangedJob | null> {
    const result = this.#loose.at.get(this.#pathOf(job));
    if (result?.sidecar.job !== job.key || !isOnDisk(result)) return null;
    if (this.#store !== null && hasAttempt(this.#store, jobIdOf(this.#store, this.#batchId, job.key))) return null;
    const { route, fingerprint, made_of: of = null } = result.sidecar;
    const fields = await fieldsSince(this.#ids, job, { route, fingerprint, of });
    return { key: job.key, fields };
  }

  /** What holds contents that nobody has met before was never made. */
  async #isMaybeMade(job: PlannedJob): Promise<boolean> {
    if (this.#loose.areNew) return true;
    for (const source of sourcesOf(job)) if (!(await this.#clues.isMaybeKnown(source))) return false;
    return true;
  }

  #find(job: PlannedJob, jobId: number, fingerprint: string): TakenFrom | null {
    const store = this.#store;
    if (store !== null && hasOutput(store, fingerprint)) return { kind: 'disk' };
    const loose = this.#loose.of.get(fingerprint) ?? [];
    const there = loose.find(isOnDisk);
    if (there !== undefined) return { kind: 'disk', sidecar: there.sidecar };
    if (store !== null && paidAttempt(store, { id: jobId, batchId: this.#batchId }, fingerprint) !== null)
      return { kind: 'provider' };
    const asked = loose.find(({ sidecar }) => this.#canBeAskedFor(job, sidecar));
    if (asked !== undefined) return { kind: 'provider', sidecar: asked.sidecar };
    if (store !== null && isAdopted(store, job, { jobId, fingerprint })) return { kind: 'provider' };
    const of = store && aheadOf(store, { batchId: this.#batchId, jobId, fingerprint });
    return of === null ? null : { kind: 'twin', of };
  }

  #canBeAskedFor({ choices }: PlannedJob, { prediction_id: id, route }: Sidecar): boolean {
    const choice = choices.find((each) => each.route === route);
    return id !== null && choice !== undefined && !(this.#store && isOwnPrediction(this.#store, choice.provider, id));
  }

  #pathOf({ output }: PlannedJob): string {
    return outputPath(batchFolder(this.#plan), output);
  }
}

function hasAttempt(store: Store, jobId: number): boolean {
  return prepared<[number], unknown>(store, 'SELECT 1 FROM attempts WHERE job_id = ? LIMIT 1').get(jobId) !== undefined;
}
