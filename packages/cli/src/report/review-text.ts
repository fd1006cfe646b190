import { type JobSnapshot, type MarkSnapshot, plainText, reviewState } from '@localize/core';
import type { ImportedMark } from '@localize/runner';

/** What an import came to, and where the review of the batch stands after it. */
export interface ReviewSummary {
  readonly imported: readonly ImportedMark[];
  readonly approved: readonly string[];
  readonly redo: readonly JobSnapshot[];
  readonly disputed: readonly JobSnapshot[];
}

export function reviewSummary(imported: readonly ImportedMark[], jobs: readonly JobSnapshot[]): ReviewSummary {
  const inState = (state: string) => jobs.filter((job) => reviewState(job) === state);
  return {
    imported,
    approved: inState('approved').map((job) => job.key),
    redo: inState('redo'),
    disputed: inState('disputed'),
  };
}

export function reviewJson({ imported, approved, redo, disputed }: ReviewSummary) {
  return {
    marks: imported.map(({ mark: { key, reviewer, verdict }, outcome }) => ({ key, reviewer, verdict, outcome })),
    approved,
    redo: redo.map(({ key, marks = [] }) => ({ key, marks: marks.map(markJson) })),
    disputed: disputed.map(({ key, marks = [] }) => ({ key, marks: marks.map(markJson) })),
  };
}

function markJson({ reviewer, verdict, route, note, atMs }: MarkSnapshot) {
  return { reviewer, verdict, route, note, at: new Date(atMs).toISOString() };
}

/** What to know and to do, in lines. */
export function reviewText(summary: ReviewSummary, again: string): string {
  const { imported, approved, redo, disputed } = summary;
  const applied = imported.filter(({ outcome }) => outcome === 'applied').length;
  const lines = [
    ...imported.flatMap(lostLine),
    ...disputed.flatMap((job) => [`${plainText(job.key)}: the reviewers disagree`, ...markLines(job)]),
    ...redo.flatMap((job) => [`${plainText(job.key)} is to be made again`, ...markLines(job)]),
    `${applied} of ${imported.length} marks taken in; ${approved.length} approved, ${redo.length} to be made again, ${disputed.length} in dispute`,
    ...(redo.length > 0 ? [redoAdvice(again)] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** The same input would likely buy the same video, so that a person says in the manifest what is to differ. */
function redoAdvice(again: string): string {
  return `To make them again: give their tracks another seed or provider in the manifest, then localize ${again} --remake`;
}

function lostLine({ mark, outcome }: ImportedMark): string[] {
  const who = `${plainText(mark.key)}: the mark of ${plainText(mark.reviewer)}`;
  if (outcome === 'other-bytes') return [`${who} is of another video than the one that is there now; not applied`];
  if (outcome === 'unknown-job') return [`${who} is of a job that this batch does not have; not applied`];
  return outcome === 'kept' ? [`${who} is older than another of the same reviewer; not applied`] : [];
}

function markLines({ marks = [] }: JobSnapshot): string[] {
  return marks.map(({ reviewer, verdict, route, note }) => {
    const on = route === null ? '' : ` on ${plainText(route)}`;
    return `  ${plainText(reviewer)}: ${verdict}${on}${note === '' ? '' : `: ${plainText(note)}`}`;
  });
}
