import { cameOutTheSame, formatUsd, type JobSnapshot, type MarkSnapshot, plainText, reviewState } from '@localize/core';
import type { ImportedMark, WithdrawnMark } from '@localize/runner';
import type { PlanRemake, PlanView } from '../output/plan-view.js';

/** What an import came to, and where the review of the batch stands after it. */
export interface ReviewSummary {
  readonly imported: readonly ImportedMark[];
  readonly withdrawn: readonly WithdrawnMark[];
  /** Jobs of marks that are of no finished video. */
  readonly unfinished: readonly JobSnapshot[];
  readonly approved: readonly string[];
  /** Reviewers want them made again, whether a route can or not. */
  readonly redo: readonly JobSnapshot[];
  readonly disputed: readonly JobSnapshot[];
  /** What a run would make again for them, with its price. */
  readonly remakes: readonly PlanRemake[];
  /** Of those that wait, the ones that are there already, paid for before: a run takes them. */
  readonly free: readonly string[];
  /** Redos that no route can do, with the reason. */
  readonly impossible: readonly { readonly key: string; readonly why: string }[];
  /** Made again already, and the provider delivered the very same bytes. */
  readonly unchanged: readonly string[];
}

const OVERTAKEN = 'the manifest was edited after it was made, and is the newer word';

export function reviewSummary(
  { imported, withdrawn }: Pick<ReviewSummary, 'imported' | 'withdrawn'>,
  view: PlanView,
  jobs: readonly JobSnapshot[],
) {
  const inState = (state: string) => jobs.filter((job) => reviewState(job) === state);
  const redo = inState('redo');
  // An edit may have one made again all the same, and not as they ask.
  const keys = new Set(redo.flatMap(({ key, redo: change }) => (change?.waits && !change.refused ? key : [])));
  const remakes = view.remakes.filter(({ key }) => keys.has(key));
  const free = view.takenBack.flatMap(({ key }) => (keys.has(key) ? key : []));
  const planned = new Set([...remakes.map(({ key }) => key), ...free]);
  const unfinished = new Set(imported.flatMap(({ mark, outcome }) => (outcome === 'unfinished' ? mark.key : [])));
  return {
    imported,
    withdrawn,
    unfinished: jobs.filter(({ key }) => unfinished.has(key)),
    approved: inState('approved').map((job) => job.key),
    redo,
    disputed: inState('disputed'),
    remakes,
    free,
    impossible: redo
      .filter((job) => (job.redo?.waits || job.redo?.overtaken) && !planned.has(job.key))
      .map(({ key, redo: change }) => ({
        key,
        why: change?.overtaken ? OVERTAKEN : (change?.refused ?? 'it is what the plan asks for already'),
      })),
    unchanged: redo.filter(cameOutTheSame).map(({ key }) => key),
  } satisfies ReviewSummary;
}

export function reviewJson({ imported, withdrawn, approved, redo, disputed, remakes, free }: ReviewSummary) {
  return {
    marks: imported.map(({ mark: { key, reviewer, verdict }, outcome }) => ({ key, reviewer, verdict, outcome })),
    withdrawn,
    approved,
    redo: redo.map(({ key, marks = [], redo: change }) => {
      const remake = remakes.find((each) => each.key === key);
      const { route, seed } = change ?? { route: null, seed: null };
      const isFree = free.includes(key);
      const micros = isFree ? 0 : (remake?.micros ?? null);
      const estimated_usd = micros === null ? null : formatUsd(micros);
      return { key, route, seed, possible: isFree || remake !== undefined, estimated_usd, marks: marks.map(markJson) };
    }),
    disputed: disputed.map(({ key, marks = [] }) => ({ key, marks: marks.map(markJson) })),
  };
}

function markJson({ reviewer, verdict, route, note, atMs }: MarkSnapshot) {
  return { reviewer, verdict, route, note, at: new Date(atMs).toISOString() };
}

/** What to know and to do, in lines. */
export function reviewText(summary: ReviewSummary, again: string): string {
  const { imported, withdrawn, redo, disputed, remakes, free } = summary;
  const applied = imported.filter(({ outcome }) => outcome === 'applied').length;
  const lines = [
    ...withdrawn.map(({ key, reviewer }) => `${plainText(key)}: the mark of ${plainText(reviewer)} is withdrawn`),
    ...imported.flatMap((each) => lostLine(each, summary)),
    ...disputed.flatMap((job) => [`${plainText(job.key)}: the reviewers disagree`, ...markLines(job)]),
    ...redo.flatMap((job) => [`${plainText(job.key)} ${redoWords(job, summary)}`, ...markLines(job)]),
    `${applied} of ${imported.length} marks taken in; ${standing(summary)}`,
    ...(remakes.length > 0
      ? [`To make ${remakes.length === 1 ? 'it' : 'them'} again: localize ${again} --remake`]
      : []),
    ...(free.length > 0 ? [`To take what was paid for before: localize ${again}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** `2 approved, 1 to be made again, 1 that cannot be, 1 that came out the same, 0 in dispute` */
function standing({ approved, redo, impossible, unchanged, disputed, free }: ReviewSummary): string {
  const cannot = impossible.length === 0 ? '' : `, ${impossible.length} that cannot be`;
  const same = unchanged.length === 0 ? '' : `, ${unchanged.length} that came out the same`;
  const taken = free.length === 0 ? '' : `, ${free.length} of them for free`;
  const waiting = redo.length - impossible.length - unchanged.length;
  return `${approved.length} approved, ${waiting} to be made again${taken}${cannot}${same}, ${disputed.length} in dispute`;
}

function redoWords(job: JobSnapshot, { remakes, free, impossible, unchanged }: ReviewSummary): string {
  const refused = impossible.find(({ key }) => key === job.key);
  if (refused) return `is not made again: ${plainText(refused.why)}`;
  if (unchanged.includes(job.key)) return 'was made again and came out the same: mark it anew, on another route';
  if (free.includes(job.key)) return 'takes a video that was made like this and paid for before, for free';
  return `is to be made again${howWords(job, remakes)}`;
}

/** ` with seed 512 on eachlabs/infinitalk, for $0.15`: the same input would likely buy the same video. */
function howWords({ key, redo }: JobSnapshot, remakes: readonly PlanRemake[]): string {
  const remake = remakes.find((each) => each.key === key);
  if (redo === undefined || remake === undefined) return '';
  const seed = redo.seed === null ? '' : ` with seed ${redo.seed}`;
  const route = redo.route === null ? '' : ` on ${plainText(redo.route)}`;
  return `${seed}${route}, for ${remake.micros === null ? 'an unknown price' : `$${formatUsd(remake.micros)}`}`;
}

function lostLine({ mark, outcome }: ImportedMark, { unfinished }: ReviewSummary): string[] {
  const who = `${plainText(mark.key)}: the mark of ${plainText(mark.reviewer)}`;
  if (outcome === 'other-bytes') return [`${who} is of another video than the one that is there now; not applied`];
  if (outcome === 'unfinished') {
    const job = unfinished.find(({ key }) => key === mark.key);
    return [`${who} is of a video that is not finished; not applied${job === undefined ? '' : standingWords(job)}`];
  }
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
