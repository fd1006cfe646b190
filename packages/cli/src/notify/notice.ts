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

type Held = Extract<RunEvent, { type: 'job:state' }>;

/** At most so many jobs are named. */
const NAMED = 10;

/** @param again what names the batch in a command */
export function heldNotice(held: readonly Held[], { batch, again }: { batch: string; again: string }): Notice {
  const [first] = held;
  const lines = held.slice(0, NAMED).map(({ key, reason, failure }) => {
    const detail = failure ? `: ${plainText(failure.message, 200)}` : '';
    return `- ${key}: ${reasonWords(reason)}${detail}`;
  });
  const rest = held.length > NAMED ? [`- and ${held.length - NAMED} more`] : [];
  const what = held.length === 1 && first ? `${first.key} waits` : `${held.length} jobs wait`;
  return {
    kind: 'needs_person',
    text: [`${batch}: ${what} for a person`, ...lines, ...rest, `localize status ${again}`].join('\n'),
  };
}

function reasonWords(reason: HoldReason | undefined): string {
  return reason === undefined ? 'it is held' : HOLD_REASONS[reason].words;
}

const ENDS: Readonly<Record<Extract<RunEvent, { type: 'run:ended' }>['why'], string>> = {
  finished: 'the run has ended',
  interrupted: 'the run was interrupted',
  budget: 'the run has ended at its budget',
  'stop-after': 'the run has ended at its time for creates',
  machine: 'the run has ended by a fault of the machine',
};

/** @param after where the batch stands; `null` when the state cannot tell */
export function endNotice(
  why: Extract<RunEvent, { type: 'run:ended' }>['why'],
  after: Snapshot | null,
  { batch, again }: { batch: string; again: string },
): Notice {
  if (after === null) return { kind: 'finished', text: `${batch}: ${ENDS[why]}. localize status ${again}` };
  const { jobs, succeeded, failed, held } = jobTotals(after.jobs);
  const billed = after.jobs
    .flatMap(({ attempts }) => attempts)
    .reduce((sum, each) => sum + (each.billedMicros ?? 0), 0);
  const counts = [
    `${succeeded} of ${jobs} done`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(held > 0 ? [`${held} held`] : []),
    `$${formatUsd(billed)}${after.emulated ? ' simulated' : ''}`,
  ];
  const more = failed + held > 0 ? `\nlocalize status ${again}` : '';
  return { kind: 'finished', text: `${batch}: ${ENDS[why]}: ${counts.join(', ')}${more}` };
}
