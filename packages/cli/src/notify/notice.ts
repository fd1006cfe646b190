import {
  formatUsd,
  HOLD_REASONS,
  type HoldReason,
  jobTotals,
  type NoticeKind,
  plainText,
  type Snapshot,
} from '@localize/core';
import type { RunEvent } from '@localize/runner';

/** Something that calls for attention. */
export interface Notice {
  readonly kind: NoticeKind;
  /** In one or a few lines, for people. */
  readonly text: string;
}

/** A job that waits for a person. */
export interface Stopped {
  readonly key: string;
  /** What it waits for, in words. */
  readonly why: string;
}

/** At most so many jobs are named. */
const NAMED = 10;

/** @param again what names the batch in a command */
export function stoppedNotice(stopped: readonly Stopped[], { batch, again }: { batch: string; again: string }): Notice {
  const [first] = stopped;
  const lines = stopped.slice(0, NAMED).map(({ key, why }) => `- ${key}: ${why}`);
  const rest = stopped.length > NAMED ? [`- and ${stopped.length - NAMED} more`] : [];
  const what = stopped.length === 1 && first ? `${first.key} waits` : `${stopped.length} jobs wait`;
  return {
    kind: 'needs_person',
    text: [`${batch}: ${what} for a person`, ...lines, ...rest, `localize status ${again}`].join('\n'),
  };
}

/** @param detail what happened to this very job, if anybody knows */
export function whyHeld(reason: HoldReason | undefined, detail: string | undefined): string {
  const words = reason === undefined ? 'it is held' : HOLD_REASONS[reason].words;
  return detail === undefined ? words : `${words}: ${plainText(detail, 200)}`;
}

const ENDS: Readonly<Record<Extract<RunEvent, { type: 'run:ended' }>['why'], string>> = {
  finished: 'the run has ended',
  interrupted: 'the run was interrupted',
  budget: 'the run has ended at its budget',
  'stop-after': 'the run has ended, and was to buy no more',
  machine: 'the run has ended by a fault of the machine',
};

/** @param after where the batch stands; `null` when the state cannot tell */
export function endNotice(
  why: Extract<RunEvent, { type: 'run:ended' }>['why'],
  after: Snapshot | null,
  { batch, again }: { batch: string; again: string },
): Notice {
  if (after === null) return { kind: 'finished', text: `${batch}: ${ENDS[why]}. localize status ${again}` };
  const { jobs, succeeded, failed, held, orphaned } = jobTotals(after.jobs);
  const billed = after.jobs
    .flatMap(({ attempts }) => attempts)
    .reduce((sum, each) => sum + (each.billedMicros ?? 0), 0);
  const counts = [
    `${succeeded} of ${jobs - orphaned} done`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(held > 0 ? [`${held} held`] : []),
    ...(orphaned > 0 ? [`${orphaned} not in manifest`] : []),
    `$${formatUsd(billed)}${after.emulated ? ' simulated' : ''}`,
  ];
  const more = failed + held > 0 ? `\nlocalize status ${again}` : '';
  return { kind: 'finished', text: `${batch}: ${ENDS[why]}: ${counts.join(', ')}${more}` };
}
