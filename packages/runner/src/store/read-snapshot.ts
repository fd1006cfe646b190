import {
  type AttemptSnapshot,
  type ChangedSnapshot,
  count,
  type JobSnapshot,
  MADE_AGAIN_THEN,
  type Micros,
  mendMissing,
  NOT_ON_DISK,
  OUTPUT_MISSING,
  type PlannedJob,
  type RouteChoice,
  remakingWords,
  reviewState,
  SNAPSHOT_VERSION,
  type Snapshot,
  type StreamedSnapshot,
} from '@localize/core';
import { eq } from 'drizzle-orm';
import { placeOf } from '../content/whole-output.js';
import type { EditedOutputs } from '../edited-outputs.js';
import { machineTimeZone } from '../machine-time-zone.js';
import { readAdopted } from './adopted.js';
import { bootClock } from './boot-clock.js';
import { undelivered } from './deliveries.js';
import { boughtUnderFormerNames } from './former-names.js';
import { isFileInWay, OTHER_IN_PLACE, troubleOf, withdrawalOf, withoutStop } from './job-trouble.js';
import { lanesOfBatch } from './lanes-of-batch.js';
import { prepared } from './prepared.js';
import { type JobReview, readReviews } from './review-marks.js';
import { readRows } from './rows.js';
import { readRuns } from './runs.js';
import { attempts, batches, jobs } from './schema.js';
import { expectedPrice } from './seen-prices.js';
import { asItStands } from './standing.js';
import type { BatchRow, JobRow, Store, ToldAttempt } from './store.js';
import { takenBack, takenFrom } from './taken-from.js';

export interface SnapshotOptions {
  readonly batch: string;
  /** The manifest as the user would type it; goes into the commands that mend. */
  readonly manifest: string;
  readonly emulated: boolean;
  readonly nowMs: number;
  /** How an absolute path is shown; as it is by default. */
  readonly showPath?: (path: string) => string;
  /** Where others lie in the place of finished videos, as a look at the files has found it; by default as the last run did. */
  readonly edited?: EditedOutputs | null;
}

/** The read model of one batch, or `null` when the state does not know it. Reads only; works while a run goes on. */
export function readSnapshot(store: Store, options: SnapshotOptions): Snapshot | null {
  return withSnapshot(store, options, (snapshot) => snapshot && { ...snapshot, jobs: [...snapshot.jobs] });
}

/**
 * The same without all jobs in memory: `look` may go through them as often as it likes, and finds the state as it was
 * when it began. They are not read after it has returned.
 */
export function withSnapshot<T>(
  store: Store,
  options: SnapshotOptions,
  look: (snapshot: StreamedSnapshot | null) => T,
): T {
  const batch = store.db.select().from(batches).where(eq(batches.name, options.batch)).get();
  if (batch === undefined) return look(null);
  const slotNowMs = bootClock(store).nowMs();
  return store.db.transaction(() =>
    look({
      version: SNAPSHOT_VERSION,
      batch: batch.name,
      manifest: options.manifest,
      emulated: options.emulated,
      takenAtMs: options.nowMs,
      timeZone: machineTimeZone(),
      runs: readRuns(store, batch),
      lanes: lanesOfBatch(store, batch, { nowMs: options.nowMs, slotNowMs }),
      jobs: storedJobs(store, batch, options),
      warnings: [
        ...batch.warnings,
        ...deliveryWarnings(store, batch, options),
        ...boughtUnderFormerNames(store, batch.manifestPath, batch.name),
      ],
    }),
  );
}

/** Outputs that are finished, but not at their destination: nothing else shows them. */
function deliveryWarnings(store: Store, { id, destination }: BatchRow, { manifest }: SnapshotOptions): string[] {
  const { jobs: waiting, failure } = undelivered(store, id);
  if (waiting === 0) return [];
  const why = failure === null ? '' : ` (${failure})`;
  return [`${count(waiting, 'output')} not delivered to ${destination} yet${why}: localize ${manifest}`];
}

/** So many jobs are in memory at a time. */
const READ_TOGETHER = 100;

/** The jobs of a batch in the manifest's order. */
function storedJobs(store: Store, batch: BatchRow, options: SnapshotOptions): Iterable<JobSnapshot> {
  const ids = prepared<[number], number>(store, 'SELECT id FROM jobs WHERE batch_id = ? ORDER BY position, id')
    .pluck()
    .all(batch.id) as number[];
  return {
    *[Symbol.iterator]() {
      for (let from = 0; from < ids.length; from += READ_TOGETHER) {
        yield* readJobs(store, ids.slice(from, from + READ_TOGETHER), options);
      }
    },
  };
}

function readJobs(store: Store, ids: readonly number[], options: SnapshotOptions): JobSnapshot[] {
  const asked = JSON.stringify(ids);
  const byJob = new Map<number, ToldAttempt[]>();
  // In the order of buying: a stored time may lie before an older one, where the clock was set back between two boots.
  const ofJobs = 'WHERE job_id IN (SELECT value FROM json_each(?)) ORDER BY rowid';
  for (const attempt of readRows(store, attempts, { without: 'request', tail: ofJobs }, asked)) {
    const own = byJob.get(attempt.jobId);
    if (own === undefined) byJob.set(attempt.jobId, [attempt]);
    else own.push(attempt);
  }
  const adopted = readAdopted(store, ids);
  const inOrder = 'WHERE id IN (SELECT value FROM json_each(?)) ORDER BY position, id';
  const { edited } = options;
  const found: JobRow[] = readRows(store, jobs, { tail: inOrder }, asked);
  const rows = found.map(
    (row) => asItStands(store, row) ?? (edited ? { ...row, edited: edited.get(row.id) === 'edited' } : row),
  );
  const reviews = readReviews(store, rows);
  return rows.map((row, index) => {
    const own = byJob.get(row.id) ?? [];
    const stored = found[index];
    const told = toJob(store, row, { own, adopted: adopted.get(row.id) ?? [] }, options);
    return {
      ...told,
      ...(edited?.get(row.id) === 'missing' && missing(row, options)),
      ...(stored !== undefined && stored.state !== row.state && remakingOf(store, stored, { own, row, told }, options)),
      ...earlierVideo(row, { ...options, told, review: reviews.get(row.id) }),
      ...reviewOf(reviews, row),
    };
  });
}

/** What is told of a finished job whose video is not on disk; one that left the manifest is fetched by no run. */
function missing({ key, orphaned }: JobRow, { manifest }: SnapshotOptions): Partial<JobSnapshot> {
  if (orphaned) return { output: null };
  return { missing: true, output: null, reason: OUTPUT_MISSING.words, mend: mendMissing({ manifest, key }) };
}

/**
 * How the making of another video stands, of a job that is shown as it was before; and whether that is still on disk. Where
 * another file lies in its place, nothing is made before that is moved away.
 */
function remakingOf(
  store: Store,
  stored: JobRow,
  { own, row, told }: { own: readonly ToldAttempt[]; row: JobRow; told: JobSnapshot },
  { manifest }: SnapshotOptions,
): Partial<JobSnapshot> {
  const { state, holdReason, standing } = stored;
  const remaking = { state, holdReason };
  if (row.edited) return { remaking, reason: `${told.reason}; ${MADE_AGAIN_THEN}` };
  const trouble = troubleOf(store, stored, own, manifest);
  const reason = trouble.reason === null ? null : remakingWords(state, trouble.reason);
  if (standing === null || placeOf(standing.output) !== 'nothing') return { remaking, reason, mend: trouble.mend };
  const back = withdrawalOf(store, stored, manifest);
  const mends = [trouble.mend, back].filter((mend) => mend !== null);
  const gone = {
    missing: true,
    output: null,
    reason: `${reason ?? 'it is to be made again'}; ${NOT_ON_DISK}`,
  } as const;
  return { remaking, ...gone, mend: mends.length === 0 ? null : mends.join(' | ') };
}

/** Of a job for which another video was bought that is not there. */
function earlierVideo(
  row: JobRow,
  { told, review, showPath = asItIs }: SnapshotOptions & { told: JobSnapshot; review: JobReview | undefined },
): Partial<JobSnapshot> {
  const { state, standing } = row;
  if (state === 'succeeded' || standing === null) return {};
  const place = placeOf(standing.output);
  if (place === 'own') {
    const { path, sha256, durationMs } = standing.output;
    const said = reviewState({ marks: review?.standingMarks ?? [] });
    return { earlierVideo: { output: showPath(path), sha256, durationMs, review: said } };
  }
  const words = place === 'nothing' ? 'its earlier video is not on disk' : OTHER_IN_PLACE;
  const reason = isFileInWay(row) ? told.reason : `${withoutStop(told.reason ?? 'it is being made again')}; ${words}`;
  return { earlierOffDisk: place === 'nothing' ? 'missing' : 'replaced', reason };
}

function asItIs(path: string): string {
  return path;
}

/** What nobody has said is absent. */
function reviewOf(
  reviews: ReadonlyMap<number, JobReview>,
  row: JobRow,
): Pick<JobSnapshot, 'marks' | 'earlierMarks' | 'redo'> {
  const review = reviews.get(row.id);
  if (review === undefined) return {};
  const { marks, earlierMarks, redo } = review;
  return {
    ...(marks.length > 0 && { marks }),
    ...(earlierMarks.length > 0 && { earlierMarks }),
    ...(redo && { redo }),
  };
}

interface Attempts {
  readonly own: readonly ToldAttempt[];
  readonly adopted: readonly AttemptSnapshot[];
}

function toJob(store: Store, row: JobRow, { own, adopted }: Attempts, options: SnapshotOptions): JobSnapshot {
  const show = options.showPath ?? asItIs;
  const { planned, output } = row;
  const taken = takenFrom(store, row, { own, isCounted: adopted.length > 0 });
  const back = taken === null ? takenBack(store, row) : null;
  const made = taken?.route ? taken : madeBy(row, { own, adopted });
  const choice = planned.choices.find((each) => each.route === made?.route) ?? planned.choices[row.choice];
  return {
    key: row.key,
    videoId: planned.videoId,
    language: planned.language,
    labels: planned.labels,
    state: row.state,
    orphaned: row.orphaned,
    route: made?.route ?? choice?.route ?? null,
    // What was taken is free; what it would cost to make is no part of what the batch was to cost.
    estimateMicros: taken ? 0 : estimateOf(store, row, choice),
    ...(planned.choices.length > 1 && { alternatives: planned.choices.map(toAlternative) }),
    ...otherRoutes(row, made?.route ?? null),
    ...(isReplaced(row) && { replaced: true }),
    output: output ? show(output.path) : null,
    outputSha256: output?.sha256 ?? null,
    outputBytes: output?.bytes ?? null,
    outputDurationMs: output?.durationMs ?? null,
    trackDurationMs: planned.durationMs,
    measured: output?.measured ?? null,
    sourceSize: planned.sourceSize ?? null,
    source: planned.video.kind === 'file' ? show(planned.video.path) : planned.video.url.replace(/[?#].*$/, ''),
    holdReason: row.holdReason,
    ...troubleOf(store, row, own, options.manifest),
    ...changeOf(store, row),
    ...(taken && { takenFrom: taken }),
    ...(back && { takenBack: back }),
    attempts: [...adopted, ...own.map(toAttempt)],
  };
}

function isReplaced({ state, edited }: JobRow): boolean {
  return state === 'succeeded' && edited;
}

/** As the last run that looked at it found it. */
function changeOf(store: Store, { state, changed, orphaned, planned }: JobRow): Pick<JobSnapshot, 'changed'> {
  if (state !== 'succeeded' || changed === null || orphaned) return {};
  return { changed: { fields: changed, ...remakeOffer(store, planned) } };
}

/** Where a finished job is bought again as this plan has it, and what is expected to be paid for that. */
export function remakeOffer(
  store: Store,
  { choices, durationMs }: PlannedJob,
): Pick<ChangedSnapshot, 'estimateMicros' | 'route'> {
  const [choice] = choices;
  if (choice === undefined) return { estimateMicros: null };
  return { estimateMicros: expectedPrice(store, choice, durationMs).micros, route: choice.route };
}

/** What its route is told by. */
function madeBy({ state, attemptId }: JobRow, { own, adopted }: Attempts): { readonly route: string } | undefined {
  const isAdopted = state === 'succeeded' && attemptId === null;
  const bought = own.find(({ id }) => id === attemptId) ?? own.at(-1);
  return (isAdopted ? adopted.at(-1) : null) ?? bought ?? adopted.at(-1);
}

/** What is still to be bought is expected at the price that was seen, as a plan of it would be. */
function estimateOf(store: Store, { state, planned }: JobRow, choice: RouteChoice | undefined): Micros | null {
  if (choice === undefined) return null;
  const isToBuy = state === 'pending' || state === 'staging';
  return (isToBuy ? expectedPrice(store, choice, planned.durationMs) : choice.estimate).micros;
}

/** Of a video that somebody may want made otherwise. What its redo makes of it is its one choice, and not what made it. */
function otherRoutes({ state, planned }: JobRow, made: string | null): Pick<JobSnapshot, 'otherRoutes'> {
  if (state !== 'succeeded') return {};
  const { choices, otherRoutes: beyond = [] } = planned;
  const only = choices.length === 1 ? choices.map(({ route }) => route) : [];
  const others = [...only, ...beyond].filter((route) => route !== made);
  return others.length > 0 ? { otherRoutes: others } : {};
}

function toAlternative({ route, estimate }: RouteChoice) {
  return { route, estimateMicros: estimate.micros };
}

function toAttempt(row: ToldAttempt): AttemptSnapshot {
  const wall = <T extends number | null>(atMs: T) => (atMs === null ? null : atMs + row.wallAhead) as T;
  return {
    id: row.id,
    runId: row.runId,
    route: row.route,
    provider: row.provider,
    lane: row.laneDisplay,
    state: row.state,
    predictionId: row.predictionId,
    estimateMicros: row.estimateMicros,
    ...(row.expectedMicros !== null && { expectedMicros: row.expectedMicros }),
    quotedMicros: row.quotedMicros,
    billedMicros: row.billedMicros,
    costSource: row.costSource,
    failure: row.failure,
    createdAtMs: wall(row.intendedAt),
    sentAtMs: wall(row.sentAt),
    acceptedAtMs: wall(row.acceptedAt),
    endedAtMs: wall(row.endedAt),
    ...(row.fetchedBy !== null && { fetchedBy: row.fetchedBy }),
    ...(isTimedOut(row) && { slotUntilMs: wall(row.slotUntil) }),
    phases: {
      stagingAtMs: wall(row.stagingAt),
      stagedAtMs: wall(row.stagedAt),
      runningAtMs: wall(row.runningAt),
      downloadAtMs: wall(row.downloadAt),
      downloadedAtMs: wall(row.downloadedAt),
    },
  };
}

/** Whether only its timeout frees its slot: nothing has ended it, or that came later, or the user gave it up while it may run. */
function isTimedOut({ state, endedAt, slotUntil }: ToldAttempt): boolean {
  return endedAt === null || endedAt > slotUntil || state === 'abandoned';
}
