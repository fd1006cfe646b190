import {
  type AttemptSnapshot,
  billOf,
  type ChangedSnapshot,
  isTakenUpAgain,
  type JobSnapshot,
  type Micros,
  type PlannedJob,
  type RouteChoice,
} from '@localize/core';
import type { Prices } from '../money/accepted-prices.js';
import { withSeenPrice } from '../money/seen-prices.js';
import type { JobRow, Store, ToldAttempt } from '../store.js';
import { toAttempt } from './attempt-snapshot.js';
import { troubleOf } from './job-trouble.js';
import { asItIs, type SnapshotOptions } from './snapshot-options.js';
import { type HasTwin, takenBack, takenFrom } from './taken-from.js';

/** What was bought for a job, and what was taken up that a lost state had bought. */
interface Attempts {
  readonly own: readonly ToldAttempt[];
  readonly adopted: readonly AttemptSnapshot[];
}

interface Beside extends Attempts {
  readonly hasTwin: HasTwin;
}

/** A job as its row and its attempts tell it. */
export function toJob(
  store: Store,
  row: JobRow,
  { own, adopted, hasTwin }: Beside,
  options: SnapshotOptions,
): JobSnapshot {
  const show = options.showPath ?? asItIs;
  const { output } = row;
  const planned = isToBuy(row) ? withSeenPrice(store, row.planned, options.prices ?? {}) : row.planned;
  const taken = takenFrom(store, row, { own, isCounted: adopted.length > 0 });
  const back = taken === null ? takenBack(store, row, hasTwin) : null;
  const bought = madeBy(row, { own, adopted });
  const made = taken?.route ? taken : bought;
  const choice = planned.choices.find((each) => each.route === made?.route) ?? placeOf(row, planned);
  return {
    key: row.key,
    videoId: planned.videoId,
    language: planned.language,
    labels: planned.labels,
    state: row.state,
    orphaned: row.orphaned,
    route: made?.route ?? choice?.route ?? null,
    // What was taken is free; what it would cost to make is no part of what the batch was to cost.
    estimateMicros: taken ? 0 : estimateOf(row, choice, bought),
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
    ...troubleOf(store, row, own, options),
    ...changeOf(store, row, options.prices),
    ...(taken && { takenFrom: taken }),
    ...(back && { takenBack: back }),
    attempts: [...adopted, ...own.map(toAttempt)],
  };
}

function isReplaced({ state, edited }: JobRow): boolean {
  return state === 'succeeded' && edited;
}

/** As the last run that looked at it found it. */
function changeOf(
  store: Store,
  { state, changed, orphaned, planned }: JobRow,
  prices: Prices | undefined,
): Pick<JobSnapshot, 'changed'> {
  if (state !== 'succeeded' || changed === null || orphaned) return {};
  return { changed: { fields: changed, ...remakeOffer(store, planned, prices) } };
}

/**
 * Where a finished job is bought again as this plan has it, and what is expected to be paid for that.
 * @param prices of its batch, where they are known
 */
export function remakeOffer(
  store: Store,
  planned: PlannedJob,
  prices?: Prices,
): Pick<ChangedSnapshot, 'estimateMicros' | 'route'> {
  const [choice] = withSeenPrice(store, planned, prices ?? {}).choices;
  if (choice === undefined) return { estimateMicros: null };
  return { estimateMicros: billOf(choice).micros, route: choice.route };
}

type Bought = Pick<AttemptSnapshot, 'route' | 'estimateMicros'>;

/** What its route is told by. */
function madeBy({ state, attemptId }: JobRow, { own, adopted }: Attempts): Bought | undefined {
  const isAdopted = state === 'succeeded' && attemptId === null;
  const bought = own.find(({ id }) => id === attemptId) ?? own.at(-1);
  return (isAdopted ? adopted.at(-1) : null) ?? bought ?? adopted.at(-1);
}

/** Of what was bought, what was expected of it then, as the plan said it, where an amount was known; prices may have changed since. */
function estimateOf(row: JobRow, choice: RouteChoice | undefined, bought: Bought | undefined): Micros | null {
  if (choice !== undefined && isToBuy(row)) return billOf(choice).micros;
  return bought?.estimateMicros ?? choice?.estimate.micros ?? null;
}

/** What is still to be bought is expected at the price that was seen, as a plan of it would be. */
function isToBuy({ state, holdReason }: JobRow): boolean {
  if (state === 'held') return holdReason !== null && isTakenUpAgain(holdReason);
  return state === 'pending' || state === 'staging';
}

/** Where it waits: the next run begins with its first choice, and the one at work may have moved it on. */
function placeOf({ choice, planned: { choices } }: JobRow, planned: PlannedJob): RouteChoice | undefined {
  if (choice === 0) return planned.choices[0];
  return planned.choices.find(({ route }) => route === choices[choice]?.route);
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
