import {
  HOLD_REASONS,
  type JobSnapshot,
  type LaneSnapshot,
  type Micros,
  plainText,
  type Snapshot,
} from '@localize/core';
import { FAILURE_WORDS } from './failure-words.js';
import { moneyFigures } from './money-figures.js';

/** One job that stopped short. */
export interface AttentionItem {
  readonly key: string;
  readonly state: 'failed' | 'held';
  /** What happened to this very job, in plain words; `null` where the group's title says it all. */
  readonly detail: string | null;
  /** May have been charged; `null` when it may have been, and nobody knows how much. */
  readonly atRiskMicros: Micros | null;
  /** Charged for certain. */
  readonly billedMicros: Micros;
  readonly command: string | null;
}

/** Jobs that stopped for the same reason. */
export interface AttentionGroup {
  readonly title: string;
  readonly state: 'failed' | 'held';
  /** The next run looks again by itself: a person may wait. */
  readonly mendsItself: boolean;
  readonly items: readonly AttentionItem[];
  /** One command that mends them all; `null` where each has its own. */
  readonly command: string | null;
  readonly atRiskMicros: Micros | null;
  readonly billedMicros: Micros;
}

/** A lane that takes no creates any more. */
export interface ClosedLane {
  readonly lane: string;
  readonly provider: string;
  readonly reason: string;
}

export interface Attention {
  readonly groups: readonly AttentionGroup[];
  readonly closedLanes: readonly ClosedLane[];
  readonly jobs: number;
}

/** All that a person should look at: failed and held jobs by reason, those that need a person first; closed lanes. */
export function buildAttention(snapshot: Snapshot): Attention {
  const groups = new Map<string, { title: string; mendsItself: boolean; items: AttentionItem[] }>();
  for (const job of snapshot.jobs) {
    if (job.orphaned || (job.state !== 'failed' && job.state !== 'held')) continue;
    const { title, mendsItself } = whyStopped(job);
    const id = `${job.state} ${title}`;
    const group = groups.get(id) ?? { title, mendsItself, items: [] };
    group.items.push(attentionItem(job, job.state, title, snapshot.manifest));
    groups.set(id, group);
  }
  const sorted = [...groups.values()].map(finishGroup).sort(needsPersonFirst);
  return {
    groups: sorted,
    closedLanes: snapshot.lanes.flatMap(closedLane),
    jobs: sorted.reduce((count, group) => count + group.items.length, 0),
  };
}

function whyStopped(job: JobSnapshot): { title: string; mendsItself: boolean } {
  if (job.state === 'held' && job.holdReason !== null) {
    const { words, mendsItself } = HOLD_REASONS[job.holdReason];
    return { title: capitalize(words), mendsItself };
  }
  const kind = job.attempts.at(-1)?.failure?.kind;
  return { title: kind ? FAILURE_WORDS[kind] : 'Stopped before anything was bought', mendsItself: false };
}

function attentionItem(job: JobSnapshot, state: 'failed' | 'held', title: string, manifest: string): AttentionItem {
  const money = moneyFigures([job]);
  const detail = plainText(job.reason ?? job.attempts.at(-1)?.failure?.message ?? title);
  return {
    key: plainText(job.key),
    state,
    detail: capitalize(detail) === title ? null : detail,
    atRiskMicros: money.unknownAttempts > 0 ? null : money.atRiskMicros,
    billedMicros: money.billedMicros,
    command: plainCommand(job.mend ?? (state === 'failed' ? `localize retry ${manifest} --only ${job.key}` : null)),
  };
}

function finishGroup(group: { title: string; mendsItself: boolean; items: AttentionItem[] }): AttentionGroup {
  const atRisk = group.items.map((item) => item.atRiskMicros);
  return {
    ...group,
    state: group.items[0]?.state ?? 'held',
    command: sharedCommand(group.items),
    atRiskMicros: atRisk.includes(null) ? null : atRisk.reduce<number>((sum, micros) => sum + (micros ?? 0), 0),
    billedMicros: group.items.reduce((sum, item) => sum + item.billedMicros, 0),
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

function needsPersonFirst(a: AttentionGroup, b: AttentionGroup): number {
  return Number(a.mendsItself) - Number(b.mendsItself) || b.items.length - a.items.length;
}

function closedLane(lane: LaneSnapshot): ClosedLane[] {
  if (lane.closed === null) return [];
  return [{ lane: plainText(lane.lane), provider: lane.provider, reason: plainText(lane.closed) }];
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
