import {
  type CapSnapshot,
  cameOutTheSame,
  HOLD_REASONS,
  type JobSnapshot,
  type LaneSnapshot,
  type Micros,
  mendsItself,
  onlyWord,
  openMoneyWords,
  plainText,
  remakingWords,
  reviewState,
  type SnapshotFrame,
  UNASKED_CAP,
} from '@localize/core';
import { FAILURE_WORDS } from './failure-words.js';
import { formatCount, formatMoney, formatNeeded } from './format.js';
import { type MendTogether, mendTogether } from './mend-together.js';
import { moneyFigures } from './money-figures.js';
import { isOvertakenRedo, isRefusedRedo, isWaitingRedo } from './review-words.js';
import type { Tally } from './tally.js';
import { withoutEnd } from './without-end.js';

/** `waiting`: nothing happens to it, or none is made in the place of its video, before somebody does something. */
export type StoppedState = 'failed' | 'held' | 'waiting';

/** One job that stopped short. */
export interface AttentionItem {
  readonly key: string;
  readonly state: StoppedState;
  /** What happened to this very job, in plain words; `null` where the group's title says it all. */
  readonly detail: string | null;
  /** May have been charged; `null` when it may have been, and nobody knows how much. */
  readonly atRiskMicros: Micros | null;
  /** Reserved for what the provider still works on. */
  readonly inFlightMicros: Micros;
  /** Charged for certain. */
  readonly billedMicros: Micros;
  /** Part of it: paid, and the result is gone. */
  readonly lostMicros: Micros;
  readonly command: string | null;
}

/** Jobs that stopped for the same reason. */
export interface AttentionGroup {
  readonly title: string;
  readonly state: StoppedState;
  readonly items: readonly AttentionItem[];
  /** One command that mends them all; `null` where each has its own. */
  readonly command: string | null;
  /** Where each has its own: one that does what they do, or most of them; `null` where there is none. */
  readonly together: MendTogether | null;
  readonly atRiskMicros: Micros | null;
  readonly inFlightMicros: Micros;
  readonly billedMicros: Micros;
  readonly lostMicros: Micros;
}

/** A lane that takes no creates any more. */
export interface ClosedLane {
  readonly lane: string;
  readonly provider: string;
  readonly reason: string;
}

/** Why a finished video needs a person: another file lies in its place, or it is not on disk, or reviewers have to say more of it. */
export type ReviewTrouble = 'replaced' | 'missing' | 'disputed' | 'same' | 'overtaken' | 'refused';

export interface ReviewItem extends Pick<AttentionItem, 'key' | 'detail' | 'atRiskMicros' | 'billedMicros'> {
  /** Takes back what was said of it, or has it fetched again. */
  readonly command: string;
}

/** Finished videos that need a person for the same reason: nothing is made again before. */
export interface ReviewGroup {
  readonly trouble: ReviewTrouble;
  readonly title: string;
  readonly items: readonly ReviewItem[];
}

export interface Attention {
  /** Jobs that nothing but a person mends. */
  readonly groups: readonly AttentionGroup[];
  /** Jobs that the next run looks at again by itself: a person may wait. */
  readonly forNextRun: readonly AttentionGroup[];
  readonly closedLanes: readonly ClosedLane[];
  /**
   * Videos that somebody replaced on disk, then those that are not there, then those whose reviewers disagree, then those that came out the same when they were made again, then those whose redo an
   * edit of the manifest has overtaken, then those that no route can make as it was asked.
   */
  readonly reviews: readonly ReviewGroup[];
  /** Jobs that failed or are held. */
  readonly stopped: number;
  /** Jobs without a video that the budget keeps waiting. */
  readonly waiting: number;
  /** Finished videos that are to be made again: a run was told to, or reviewers ask for it. */
  readonly remaking: number;
}

/**
 * All that a person should look at: failed and held jobs by reason, those that need a person first; closed lanes; videos of
 * which reviewers have to say more.
 */
export class AttentionTally implements Tally<Attention> {
  readonly #frame: SnapshotFrame;
  readonly #groups = new Map<string, { title: string; mendsItself: boolean; items: AttentionItem[] }>();
  readonly #reviews: Record<ReviewTrouble, ReviewItem[]> = {
    replaced: [],
    missing: [],
    disputed: [],
    same: [],
    overtaken: [],
    refused: [],
  };
  #waiting = 0;
  #stopped = 0;
  #remaking = 0;

  constructor(frame: SnapshotFrame) {
    this.#frame = frame;
  }

  add(job: JobSnapshot): void {
    const trouble = reviewTrouble(job);
    if (trouble !== null) this.#reviews[trouble].push(reviewItem(job, this.#frame));
    if ((job.remaking || isWaitingRedo(job)) && !job.orphaned) this.#remaking += 1;
    const state = stoppedState(job);
    if (state === null) return;
    if (state !== 'waiting' && !job.remaking) this.#stopped += 1;
    else if (job.state === 'pending') this.#waiting += 1;
    const { title, mendsItself } = whyStopped(job);
    const id = `${state} ${mendsItself} ${title}`;
    const group = this.#groups.get(id) ?? { title, mendsItself, items: [] };
    group.items.push(attentionItem(job, state, title, this.#frame));
    this.#groups.set(id, group);
  }

  result(): Attention {
    const groups = [...this.#groups.values()];
    const finished = (mendsItself: boolean) =>
      groups
        .filter((group) => group.mendsItself === mendsItself)
        .map(finishGroup)
        .sort(mostJobsFirst);
    return {
      groups: finished(false),
      forNextRun: finished(true),
      reviews: REVIEW_TROUBLES.flatMap((trouble) => {
        const items = this.#reviews[trouble];
        return items.length === 0 ? [] : [{ trouble, title: REVIEW_TITLES[trouble](items.length), items }];
      }),
      closedLanes: this.#frame.lanes.flatMap(closedLane),
      stopped: this.#stopped,
      waiting: this.#waiting,
      remaking: this.#remaking,
    };
  }
}

/** Why a failed or held job waits for a person, as the reports say it; `null` where no person is needed for it. */
export function needsPerson(job: JobSnapshot): { readonly title: string; readonly detail: string | null } | null {
  const state = stoppedState(job);
  const { title, mendsItself } = whyStopped(job);
  if (state === null || state === 'waiting' || mendsItself) return null;
  return { title, detail: detailBeyond(title, job) };
}

/** Heads what no person is needed for. */
export const FOR_NEXT_RUN = 'The next run looks at these again by itself';

/** Whether nothing stands there for a person to do. */
export function nobodyIsNeeded({ groups, closedLanes, reviews }: Attention): boolean {
  return groups.length + closedLanes.length + reviews.length === 0;
}

/** Finished videos in whose place another file lies. */
export function replacedCount(reviews: Attention['reviews']): number {
  return reviews.find(({ trouble }) => trouble === 'replaced')?.items.length ?? 0;
}

/** Finished videos that are not on disk. */
export function missingCount(reviews: Attention['reviews']): number {
  return reviews.find(({ trouble }) => trouble === 'missing')?.items.length ?? 0;
}

function reviewTrouble(job: JobSnapshot): ReviewTrouble | null {
  if (job.orphaned) return null;
  if (job.replaced) return 'replaced';
  if (job.missing) return 'missing';
  if (reviewState(job) === 'disputed') return 'disputed';
  if (cameOutTheSame(job)) return 'same';
  if (isOvertakenRedo(job)) return 'overtaken';
  return isRefusedRedo(job) ? 'refused' : null;
}

function reviewItem(job: JobSnapshot, { manifest }: SnapshotFrame): ReviewItem {
  const key = plainText(job.key);
  const withdraw = `localize review --withdraw ${onlyWord(key)} -m ${manifest}`;
  const command = plainText((job.replaced || job.missing ? job.mend : null) ?? withdraw, Number.POSITIVE_INFINITY);
  const { atRiskMicros, billedMicros } = stakesOf(job);
  const why = job.redo?.refused;
  return { key, detail: why === undefined ? null : plainText(why), command, atRiskMicros, billedMicros };
}

const REVIEW_TITLES: Readonly<Record<ReviewTrouble, (count: number) => string>> = {
  replaced: replacedTitle,
  missing: missingTitle,
  disputed: disputedTitle,
  same: sameTitle,
  overtaken: overtakenTitle,
  refused: refusedTitle,
};
const REVIEW_TROUBLES = Object.keys(REVIEW_TITLES) as ReviewTrouble[];

function replacedTitle(count: number): string {
  const what = count === 1 ? 'One finished video' : formatCount(count, 'finished video');
  const [are, their] = count === 1 ? ['is', 'its'] : ['are', 'their'];
  return `${what} ${are} not on disk: another file lies in ${their} place, and is left alone`;
}

function missingTitle(count: number): string {
  const [what, them] =
    count === 1 ? ['One finished video is', 'it'] : [`${formatCount(count, 'finished video')} are`, 'them'];
  return `${what} not on disk: the next run fetches ${them} again, for free`;
}

function refusedTitle(count: number): string {
  const what = count === 1 ? 'One video cannot' : `${formatCount(count, 'video')} cannot`;
  return `${what} be made again as the reviewers ask: mark anew, with another route, or withdraw what was said`;
}

function overtakenTitle(count: number): string {
  const what = count === 1 ? 'One video was' : `${formatCount(count, 'video')} were`;
  return `${what} to be made again, and the manifest was edited since, which is the newer word: mark anew, or withdraw what was said`;
}

function disputedTitle(count: number): string {
  const what = count === 1 ? 'one video' : formatCount(count, 'video');
  return `The reviewers of ${what} disagree: nothing is made again before one of them marks it anew, or all they said is withdrawn`;
}

function sameTitle(count: number): string {
  const [what, each] = count === 1 ? ['One video was', 'it'] : [`${formatCount(count, 'video')} were`, 'each'];
  return `${what} made again and came out the same: mark ${each} anew, best with another route, or withdraw what was said`;
}

function stoppedState(job: JobSnapshot): StoppedState | null {
  if (job.orphaned) return null;
  const { state } = job.remaking ?? job;
  if (state === 'failed' || state === 'held') return state;
  const waits = job.waitsForMoney !== undefined || job.waitsForAmount !== undefined;
  return waits && (job.state === 'pending' || job.state === 'succeeded') ? 'waiting' : null;
}

function whyStopped(job: JobSnapshot): { title: string; mendsItself: boolean } {
  if (job.remaking?.state === 'held' || job.remaking?.state === 'failed') {
    const { remaking, ...rest } = job;
    const { title, mendsItself } = whyStopped({ ...rest, ...remaking });
    return { title: capitalize(remakingWords(remaking.state, uncapitalize(title))), mendsItself };
  }
  if (job.state === 'held' && job.holdReason !== null) {
    const { words } = HOLD_REASONS[job.holdReason];
    return { title: capitalize(words), mendsItself: mendsItself(job.holdReason, job.unlisted === true) };
  }
  if (job.waitsForMoney) {
    const what = job.state === 'succeeded' ? 'to make it again' : 'for it';
    return { title: `The budget leaves no room ${what}: ${capNames(job.waitsForMoney.caps)}`, mendsItself: false };
  }
  if (job.waitsForAmount && job.state !== 'failed') {
    // The reason is the same for all that wait for the same amount.
    const title = `An amount that nobody knows keeps it from being bought: ${plainText(job.reason ?? '')}`;
    return { title, mendsItself: job.waitsForAmount === 'reply' };
  }
  const kind = job.attempts.at(-1)?.failure?.kind;
  return { title: kind ? FAILURE_WORDS[kind] : 'Stopped before anything was bought', mendsItself: false };
}

function capNames(caps: readonly string[]): string {
  return caps.map((cap) => plainText(cap)).join(', ');
}

/** `null`: the title of its group says it. */
function waitDetail({ waitsForMoney }: JobSnapshot): string | null {
  return waitsForMoney ? `needs ${formatMoney(waitsForMoney.neededMicros)}` : null;
}

type Stakes = Pick<AttentionItem, 'state' | 'atRiskMicros' | 'inFlightMicros' | 'billedMicros' | 'lostMicros'>;

/**
 * `an unknown amount at risk`, `$0.20 at risk`, `$0.15 lost`, `$0.15 billed`: what hangs on a stopped job, or on all of a
 * group. What a job that waits was billed is for a video that it had before.
 */
export function stakeWords({ state, atRiskMicros, inFlightMicros, billedMicros, lostMicros }: Stakes): string[] {
  const atRisk = atRiskMicros === null ? 'an unknown amount' : atRiskMicros > 0 ? formatMoney(atRiskMicros) : null;
  return [
    ...(atRisk === null ? [] : [`${atRisk} at risk`]),
    ...(inFlightMicros > 0 ? [`${formatMoney(inFlightMicros)} in flight`] : []),
    ...(lostMicros > 0 ? [`${formatMoney(lostMicros)} lost`] : []),
    ...(billedMicros > 0 && lostMicros === 0 && state !== 'waiting' ? [`${formatMoney(billedMicros)} billed`] : []),
  ];
}

function stakesOf(job: JobSnapshot): Omit<Stakes, 'state'> {
  // What such a one was billed is for the video that it has.
  if (job.remaking) return { atRiskMicros: 0, inFlightMicros: 0, billedMicros: 0, lostMicros: 0 };
  const { unknownAttempts, atRiskMicros, inFlightMicros, billedMicros, lostMicros } = moneyFigures([job]);
  return { atRiskMicros: unknownAttempts > 0 ? null : atRiskMicros, inFlightMicros, billedMicros, lostMicros };
}

function attentionItem(job: JobSnapshot, state: StoppedState, title: string, frame: SnapshotFrame): AttentionItem {
  return {
    key: plainText(job.key),
    state,
    detail: state === 'waiting' ? waitDetail(job) : detailBeyond(title, job),
    ...stakesOf(job),
    command: plainCommand(job.mend ?? defaultMend(job, state, frame)),
  };
}

/** What a job's reason says that neither the title of its group nor its stakes do; `null` when that is nothing. */
function detailBeyond(title: string, job: JobSnapshot): string | null {
  const reason = withoutEnd(
    plainText(job.reason ?? job.attempts.at(-1)?.failure?.message ?? title),
    openMoneyWords(job.attempts),
  );
  if (!capitalize(reason).startsWith(title)) return reason;
  const rest = reason
    .slice(title.length)
    .replace(/^[:;,] /, '')
    .trim();
  return rest === '' ? null : rest.replace(/^\((.*)\)$/, '$1');
}

function defaultMend(job: JobSnapshot, state: StoppedState, { manifest, budget = [] }: SnapshotFrame): string | null {
  if (state === 'failed') return `localize retry ${manifest} --only ${onlyWord(job.key)}`;
  if (state === 'held' || !job.waitsForMoney) return null;
  const names = job.waitsForMoney.caps.filter((name) => name !== UNASKED_CAP);
  const remake = job.state === 'succeeded' && !job.remaking ? ' --remake' : '';
  const again = `localize ${manifest}${remake}${names.length < job.waitsForMoney.caps.length ? ' --yes' : ''}`;
  if (names.length === 0) return again;
  const caps = budget.filter(({ name }) => names.includes(name));
  return `raise ${caps.map(raiseWords).join(' and ') || capNames(names)}, then: ${again}`;
}

/** The amount is that of all jobs which wait for the cap. */
function raiseWords({ name, shortMicros, waitingJobs }: CapSnapshot): string {
  const whose = waitingJobs > 1 ? ` for its ${formatCount(waitingJobs, 'job')}` : '';
  return `${plainText(name)} by ${formatNeeded(shortMicros)}${whose}`;
}

function finishGroup({ title, items }: { title: string; items: readonly AttentionItem[] }): AttentionGroup {
  const atRisk = items.map((item) => item.atRiskMicros);
  const command = sharedCommand(items);
  return {
    title,
    items,
    state: items[0]?.state ?? 'held',
    command,
    together: command === null ? mendTogether(items.map((item) => item.command)) : null,
    atRiskMicros: atRisk.includes(null) ? null : atRisk.reduce<number>((sum, micros) => sum + (micros ?? 0), 0),
    inFlightMicros: items.reduce((sum, item) => sum + item.inFlightMicros, 0),
    billedMicros: items.reduce((sum, item) => sum + item.billedMicros, 0),
    lostMicros: items.reduce((sum, item) => sum + item.lostMicros, 0),
  };
}

function sharedCommand(items: readonly AttentionItem[]): string | null {
  const [first] = items;
  return first && items.every((item) => item.command === first.command) ? first.command : null;
}

/** A command is copied whole, so that it is never cut short; control characters could run more than is shown. */
function plainCommand(command: string | null): string | null {
  return command === null ? null : plainText(command, Number.POSITIVE_INFINITY);
}

function mostJobsFirst(a: AttentionGroup, b: AttentionGroup): number {
  return b.items.length - a.items.length;
}

function closedLane(lane: LaneSnapshot): ClosedLane[] {
  const { provider, closed, refusedKeys = [] } = lane;
  if (closed !== null) return [{ lane: plainText(lane.lane), provider, reason: plainText(closed) }];
  return refusedKeys.map(({ variable, why }) => ({ lane: plainText(variable), provider, reason: plainText(why) }));
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function uncapitalize(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
