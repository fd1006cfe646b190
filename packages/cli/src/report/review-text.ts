import {
  cameOutTheSame,
  formatUsd,
  type JobSnapshot,
  type MarkSnapshot,
  type Micros,
  plainText,
  reviewState,
} from '@localize/core';
import type { EndedRedos, ImportedMark, MarkOutcome, WithdrawnMark } from '@localize/runner';
import type { PlanRemake, PlanView } from '../output/plan-view.js';
import { unknownRouteWords } from './marked-routes.js';

/** A mark of a review file; `unknown-route`: it names one that there is not, and says nothing that could be done. */
export interface ReviewedMark extends Pick<ImportedMark, 'mark'> {
  readonly outcome: MarkOutcome | 'unknown-route';
}

/** What an import came to, and where the review of the batch stands after it. */
export interface ReviewSummary {
  readonly imported: readonly ReviewedMark[];
  /** `null` where nothing was to be taken back. */
  readonly withdrawn: readonly WithdrawnMark[] | null;
  /** Of those that were to be taken back, the ones that could not. */
  readonly kept: EndedRedos['kept'];
  /** Jobs of marks that are not taken in for how they stand: not finished, or with another file in their video's place. */
  readonly unmarkable: readonly JobSnapshot[];
  readonly approved: readonly string[];
  /** Reviewers want them made again, whether a route can or not. */
  readonly redo: readonly JobSnapshot[];
  readonly disputed: readonly JobSnapshot[];
  /** What a run would make again for them, with its price. */
  readonly remakes: readonly PlanRemake[];
  /** A run was told to make these again, and nothing was bought for it yet: the next one goes on without asking. */
  readonly agreed: readonly JobSnapshot[];
  /** Of those that wait, the ones that are there already, paid for before: a run takes them. */
  readonly free: readonly string[];
  /** Redos that no route can do, with the reason. */
  readonly impossible: readonly { readonly key: string; readonly why: string }[];
  /** Made again already, and the provider delivered the very same bytes. */
  readonly unchanged: readonly string[];
  /** Whose finished video, or earlier one, is not on disk, or has another file in its place. */
  readonly offDisk: readonly JobSnapshot[];
}

const BY_STANDING: ReadonlySet<ReviewedMark['outcome']> = new Set(['unfinished', 'earlier', 'other-bytes']);
const OVERTAKEN = 'the manifest was edited after it was made, and is the newer word';

export function reviewSummary(
  { imported, withdrawn, kept }: Pick<ReviewSummary, 'imported' | 'withdrawn' | 'kept'>,
  view: PlanView,
  jobs: readonly JobSnapshot[],
) {
  const inState = (state: string) => jobs.filter((job) => reviewState(job) === state);
  const redo = inState('redo');
  // An edit may have one made again all the same, and not as they ask.
  const keys = new Set(redo.flatMap(({ key, redo: change }) => (change?.waits && !change.refused ? key : [])));
  const remakes = view.remakes.filter(({ key }) => keys.has(key));
  const free = view.takenBack.flatMap(({ key }) => (keys.has(key) ? key : []));
  const agreed = redo.filter(({ key, remaking }) => remaking && keys.has(key));
  const planned = new Set([...remakes.map(({ key }) => key), ...free, ...agreed.map(({ key }) => key)]);
  const lost = new Set(imported.flatMap(({ mark, outcome }) => (BY_STANDING.has(outcome) ? mark.key : [])));
  return {
    imported,
    withdrawn,
    kept,
    unmarkable: jobs.filter(({ key }) => lost.has(key)),
    approved: inState('approved').map((job) => job.key),
    redo,
    disputed: inState('disputed'),
    remakes,
    free,
    agreed,
    impossible: redo
      .filter((job) => (job.redo?.waits || job.redo?.overtaken) && !planned.has(job.key))
      .map(({ key, redo: change }) => ({
        key,
        why: change?.overtaken ? OVERTAKEN : (change?.refused ?? 'it is what the plan asks for already'),
      })),
    unchanged: redo.filter(cameOutTheSame).map(({ key }) => key),
    offDisk: jobs.filter(({ missing, replaced, earlierOffDisk }) => missing || replaced || earlierOffDisk),
  } satisfies ReviewSummary;
}

export function reviewJson(summary: ReviewSummary) {
  const { imported, withdrawn, kept, approved, redo, disputed, offDisk, remakes, free, agreed } = summary;
  return {
    marks: imported.map(({ mark: { key, reviewer, verdict }, outcome }) => ({ key, reviewer, verdict, outcome })),
    withdrawn: withdrawn ?? [],
    not_withdrawn: kept,
    approved,
    redo: redo.map((job) => {
      const { key, marks = [], redo: change } = job;
      const { route, seed } = change ?? { route: null, seed: null };
      const possible = free.includes(key) || agreed.includes(job) || remakes.some((each) => each.key === key);
      const micros = possible ? priceOf(job, summary) : null;
      const estimated_usd = micros === null ? null : formatUsd(micros);
      return { key, route, seed, possible, estimated_usd, marks: marks.map(markJson) };
    }),
    disputed: disputed.map(({ key, marks = [] }) => ({ key, marks: marks.map(markJson) })),
    not_on_disk: offDisk.map(({ key, reason, mend }) => ({ key, reason, mend })),
  };
}

function markJson({ reviewer, verdict, route, note, atMs }: MarkSnapshot) {
  return { reviewer, verdict, route, note, at: new Date(atMs).toISOString() };
}

/** What to know and to do, in lines. */
export function reviewText(summary: ReviewSummary, again: string): string {
  const { imported, redo, disputed, remakes, free, agreed } = summary;
  const applied = imported.filter(({ outcome }) => outcome === 'applied').length;
  const lines = [
    ...withdrawalLines(summary),
    ...imported.flatMap((each) => lostLine(each, summary)),
    ...disputed.flatMap((job) => [`${plainText(job.key)}: the reviewers disagree`, ...markLines(job)]),
    ...redo.flatMap((job) => [`${plainText(job.key)} ${redoWords(job, summary)}`, ...markLines(job)]),
    `${applied} of ${imported.length} marks taken in; ${standing(summary)}`,
    ...(remakes.length > 0
      ? [`To make ${remakes.length === 1 ? 'it' : 'them'} again: localize ${again} --remake`]
      : []),
    ...(agreed.some(({ remaking }) => remaking?.state !== 'failed')
      ? [`A run makes again what was agreed to, without asking: localize ${again}`]
      : []),
    ...(free.length > 0 ? [`To take what was paid for before: localize ${again}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function withdrawalLines({ withdrawn, kept }: ReviewSummary): string[] {
  if (withdrawn === null) return [];
  if (withdrawn.length + kept.length === 0)
    return ['nothing to withdraw: nobody has marked these videos as they are now'];
  return [
    ...withdrawn.map(({ key, reviewer }) => `${plainText(key)}: the mark of ${plainText(reviewer)} is withdrawn`),
    ...kept.map(({ key, why }) => `${plainText(key)}: nothing is withdrawn: ${plainText(why)}`),
  ];
}

/** `2 approved, 1 to be made again, 1 that cannot be, 1 that came out the same, 0 in dispute` */
function standing({ approved, redo, impossible, unchanged, disputed, free }: ReviewSummary): string {
  const cannot = impossible.length === 0 ? '' : `, ${impossible.length} that cannot be`;
  const same = unchanged.length === 0 ? '' : `, ${unchanged.length} that came out the same`;
  const taken = free.length === 0 ? '' : `, ${free.length} of them for free`;
  const waiting = redo.length - impossible.length - unchanged.length;
  return `${approved.length} approved, ${waiting} to be made again${taken}${cannot}${same}, ${disputed.length} in dispute`;
}

function redoWords(job: JobSnapshot, summary: ReviewSummary): string {
  const { free, agreed, impossible, unchanged } = summary;
  const refused = impossible.find(({ key }) => key === job.key);
  if (refused) return `is not made again: ${plainText(refused.why)}`;
  if (unchanged.includes(job.key)) return 'was made again and came out the same: mark it anew, on another route';
  if (free.includes(job.key)) return 'takes a video that was made like this and paid for before, for free';
  return `is to be made again${howWords(job, summary)}${agreed.includes(job) ? agreedWords(job) : ''}`;
}

/** What the making of another video waits for that a run was told of: nobody is asked again before it is bought. */
function agreedWords({ reason, mend }: JobSnapshot): string {
  const why = reason === null ? 'the next run buys it' : plainText(reason);
  return `, as agreed; ${why}${mend === null ? '' : `; ${plainText(mend, Number.POSITIVE_INFINITY)}`}`;
}

/** ` with seed 512 on eachlabs/infinitalk, for $0.15`: the same input would likely buy the same video. */
function howWords(job: JobSnapshot, summary: ReviewSummary): string {
  const { redo } = job;
  if (redo === undefined) return '';
  const seed = redo.seed === null ? '' : ` with seed ${redo.seed}`;
  const route = redo.route === null ? '' : ` on ${plainText(redo.route)}`;
  const micros = priceOf(job, summary);
  return `${seed}${route}, for ${micros === null ? 'an unknown price' : `$${formatUsd(micros)}`}`;
}

/** What a redo that waits is to cost; `null` where nobody knows. */
function priceOf(job: JobSnapshot, { remakes, free, agreed }: ReviewSummary): Micros | null {
  if (free.includes(job.key)) return 0;
  if (agreed.includes(job)) return job.redo?.estimateMicros ?? null;
  return remakes.find(({ key }) => key === job.key)?.micros ?? null;
}

function lostLine({ mark, outcome }: ReviewedMark, { unmarkable }: ReviewSummary): string[] {
  const who = `${plainText(mark.key)}: the mark of ${plainText(mark.reviewer)}`;
  const job = unmarkable.find(({ key }) => key === mark.key);
  if (outcome === 'other-bytes' && job?.replaced && job.outputSha256 === mark.sha256) {
    return [`${who} is of the video that was there; not applied: ${job.reason}; ${job.mend}, and take it in again`];
  }
  if (outcome === 'other-bytes') return [`${who} is of another video than the one that is there now; not applied`];
  if (outcome === 'earlier') {
    const stands = job === undefined ? '' : standingWords(job);
    return [`${who} is of its earlier video, for which another was bought since; not applied${stands}`];
  }
  if (outcome === 'unfinished') {
    return [`${who} is of a video that is not finished; not applied${job === undefined ? '' : standingWords(job)}`];
  }
  if (outcome === 'unknown-route') return [`${who} ${unknownRouteWords(mark.route ?? '')}; not applied`];
  if (outcome === 'unknown-job') return [`${who} is of a job that this batch does not have; not applied`];
  if (outcome === 'future') {
    return [`${who} is dated ${new Date(mark.atMs).toISOString()}, a day or more ahead, by a wrong clock; not applied`];
  }
  return outcome === 'kept' ? [`${who} is older than another of the same reviewer; not applied`] : [];
}

/** `. It is held, output shorter than the track: localize retry m.yaml --only short/de` */
function standingWords({ state, reason, mend }: JobSnapshot): string {
  const why = reason === null ? '' : `, ${plainText(reason)}`;
  return `. It is ${state}${why}${mend === null ? '' : `: ${plainText(mend, Number.POSITIVE_INFINITY)}`}`;
}

function markLines({ marks = [] }: JobSnapshot): string[] {
  return marks.map(({ reviewer, verdict, route, note }) => {
    const on = route === null ? '' : ` on ${plainText(route)}`;
    return `  ${plainText(reviewer)}: ${verdict}${on}${note === '' ? '' : `: ${plainText(note)}`}`;
  });
}
