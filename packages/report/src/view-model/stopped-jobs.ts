import {
  type CapSnapshot,
  HOLD_REASONS,
  type JobSnapshot,
  mendsItself,
  onlyWord,
  openMoneyWords,
  orWaitWords,
  plainText,
  remakingWords,
  type SnapshotFrame,
  UNASKED_CAP,
} from '@localize/core';
import { batchCommand } from './batch-command.js';
import { FAILURE_WORDS } from './failure-words.js';
import { formatCount, formatMoney, formatNeeded } from './format.js';
import { type MendTogether, mendTogether } from './mend-together.js';
import { type Stakes, stakesOf, sumStakes } from './stakes.js';
import { withoutEnd } from './without-end.js';

/** `waiting`: nothing happens to it, or none is made in the place of its video, before somebody does something. */
export type StoppedState = 'failed' | 'held' | 'waiting';

/** One job that stopped short. */
export interface AttentionItem extends Stakes {
  readonly key: string;
  readonly state: StoppedState;
  /** What happened to this very job, in plain words; `null` where the group's title says it all. */
  readonly detail: string | null;
  readonly command: string | null;
}

/** Jobs that stopped for the same reason. */
export interface AttentionGroup extends Stakes {
  readonly title: string;
  readonly state: StoppedState;
  readonly items: readonly AttentionItem[];
  /** One command that mends them all; `null` where each has its own. */
  readonly command: string | null;
  /** Where each has its own: one that does what they do, or most of them; `null` where there is none. */
  readonly together: MendTogether | null;
}

/** Why a failed or held job waits for a person, as the reports say it; `null` where no person is needed for it. */
export function needsPerson(job: JobSnapshot): { readonly title: string; readonly detail: string | null } | null {
  const state = stoppedState(job);
  const { title, mendsItself } = whyStopped(job);
  if (state === null || state === 'waiting' || mendsItself) return null;
  return { title, detail: detailBeyond(title, job) };
}

/** Whether and how it stopped short of a video, or of another in the place of its own; `null` where it did not. */
export function stoppedState(job: JobSnapshot): StoppedState | null {
  // What is to be made again once a file is moved away stands with those in whose place another lies.
  if (job.orphaned || (job.replaced && job.remaking)) return null;
  const { state } = job.remaking ?? job;
  if (state === 'failed' || state === 'held') return state;
  const waits = job.waitsForMoney !== undefined || job.waitsForAmount !== undefined;
  return waits && (job.state === 'pending' || job.state === 'succeeded') ? 'waiting' : null;
}

/** The reason that it has in common with others, and whether the next run looks at that by itself. */
export function whyStopped(job: JobSnapshot): { title: string; mendsItself: boolean } {
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

/** @param title of its group */
export function attentionItem(
  job: JobSnapshot,
  state: StoppedState,
  title: string,
  frame: SnapshotFrame,
): AttentionItem {
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

function defaultMend(job: JobSnapshot, state: StoppedState, frame: SnapshotFrame): string | null {
  const { manifest, budget = [] } = frame;
  if (state === 'failed') return `localize retry ${manifest} --only ${onlyWord(job.key)}`;
  if (state === 'held' || !job.waitsForMoney) return null;
  const names = job.waitsForMoney.caps.filter((name) => name !== UNASKED_CAP);
  const remake = job.state === 'succeeded' && !job.remaking ? ' --remake' : '';
  const again = `${batchCommand(frame)}${remake}${names.length < job.waitsForMoney.caps.length ? ' --yes' : ''}`;
  if (names.length === 0) return again;
  const caps = budget.filter(({ name }) => names.includes(name));
  const raised = caps.map(raiseWords).join(' and ') || capNames(names);
  return `raise ${raised}${orWaitWords(job.waitsForMoney)}, then: ${again}`;
}

/** The amount is that of all jobs which wait for the cap. */
function raiseWords({ name, shortMicros, waitingJobs }: CapSnapshot): string {
  const whose = waitingJobs > 1 ? ` for its ${formatCount(waitingJobs, 'job')}` : '';
  return `${plainText(name)} by ${formatNeeded(shortMicros)}${whose}`;
}

/** What they have in common, and what hangs on all of them. */
export function attentionGroup(title: string, items: readonly AttentionItem[]): AttentionGroup {
  const command = sharedCommand(items);
  return {
    title,
    items,
    state: items[0]?.state ?? 'held',
    command,
    together: command === null ? mendTogether(items.map((item) => item.command)) : null,
    ...sumStakes(items),
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

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function uncapitalize(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
