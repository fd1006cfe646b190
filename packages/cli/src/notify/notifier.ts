import { createHash } from 'node:crypto';
import { calendarDay, type JobSnapshot, mendsItself, type NoticeKind, plainText, type Snapshot } from '@localize/core';
import { needsPerson } from '@localize/report';
import { machineTimeZone, type RunEvent, type Store } from '@localize/runner';
import { isUnlisted } from '../batch/unlisted.js';
import { gatherJobs } from './gathered-jobs.js';
import { endNotice, type Stopped, stoppedNotice, whyHeld } from './notice.js';
import type { NoticeTarget } from './notice-targets.js';
import { createOutbox } from './outbox.js';
import { createToldNotices } from './told-notices.js';

/** Tells people what a run meets. It never holds the run up; what cannot be told is a problem, said once a target. */
export interface Notifier {
  onEvent(event: RunEvent): void;
  /**
   * Waits for what is under way, which is bounded.
   * @param look where the batch stands at the end, if somebody is to be told; `null` when nobody can say
   */
  finish(look: (() => Snapshot) | null): Promise<void>;
}

export interface NotifierOptions {
  readonly batch: string;
  /** What names the batch in a command. */
  readonly again: string;
  readonly store: Store;
  readonly targets: readonly NoticeTarget[];
  readonly onProblem: (message: string) => void;
}

type Of<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;

/** How long the end of a run waits for those who are being told. */
const PATIENCE_MS = 3_000;
const INTERRUPTED_PATIENCE_MS = 500;

const SILENT: Notifier = { onEvent: () => undefined, finish: async () => undefined };

/** @returns one that is silent where nobody is to be told */
export function createNotifier(options: NotifierOptions): Notifier {
  const { batch, store, targets, onProblem } = options;
  if (targets.length === 0) return SILENT;
  const told = createToldNotices(store, batch);
  const outbox = createOutbox(targets, onProblem);
  const stopped = gatherJobs((jobs) => outbox.send(stoppedNotice(jobs, options)));
  let end: Of<'run:ended'> | undefined;
  let moved = false;
  /** Jobs whose create was lost where no run can look it up. */
  const unlisted = new Set<string>();

  /** What nobody wants to be told is not taken for told: somebody may ask for it later. */
  function isNews(kind: NoticeKind, subject: string): boolean {
    return targets.some(({ kinds }) => kinds.includes(kind)) && told.isNew(kind, subject);
  }

  /** Runs that only look at the same holds again end as the last one did. */
  function isNewEnd(why: string, after: Snapshot | null): boolean {
    if (after === null) return true;
    // A run that was to buy nothing tells no more than one that had nothing to buy.
    const subject = `${why === 'stop-after' ? 'finished' : why}:${standing(after)}`;
    if (!isNews('finished', subject)) return false;
    told.forgetOthers('finished', subject);
    return true;
  }

  function onJob(event: Of<'job:state'>): void {
    moved = true;
    // Only what is new begins anew: a run that looks at a hold again finds the same hold.
    if (event.to === 'submitting' || event.to === 'succeeded') told.forget('needs_person', `${event.key}:`);
    if (event.to !== 'held') {
      // The user said beforehand what becomes of it.
      stopped.drop(event.key);
      return;
    }
    if (!waitsForPerson(event, unlisted.has(event.key))) return;
    if (!isNews('needs_person', `${event.key}:${event.reason}`)) return;
    stopped.add({ key: event.key, why: whyHeld(event.reason, event.failure?.message) });
  }

  function onAttempt({ to, route, key, lane }: Of<'attempt:state'>): void {
    if (to === 'uncertain' && isUnlisted(route)) unlisted.add(key);
    if (to !== 'accepted') return;
    unlisted.delete(key);
    told.forget('lane_closed', `${lane}:`);
  }

  function onCap({ cap, atMs, message }: Of<'budget:met'>): void {
    if (!isNews('budget', `${cap} ${calendarDay(atMs, machineTimeZone())}`)) return;
    outbox.send({ kind: 'budget', text: `${batch}: ${message}` });
  }

  function onLaneClosed({ lane, key, why }: Of<'lane:closed'>): void {
    if (!isNews('lane_closed', `${lane}:${key ?? ''}${why}`)) return;
    outbox.send({ kind: 'lane_closed', text: `${batch}: ${key ?? lane} takes no new work: ${why}` });
  }

  /** Jobs that nothing but the batch as it stands shows to wait for a person. */
  function stoppedIn({ jobs }: Snapshot): Stopped[] {
    return jobs.flatMap((job) => {
      const why = needsPerson(job);
      if (why === null || !isNews('needs_person', subjectOf(job))) return [];
      const detail = why.detail === null ? [] : [plainText(why.detail, 200)];
      return [{ key: job.key, why: [why.title, ...detail].join(': ') }];
    });
  }

  return {
    onEvent(event) {
      if (event.type === 'job:state') onJob(event);
      else if (event.type === 'attempt:state') onAttempt(event);
      else if (event.type === 'budget:met') onCap(event);
      else if (event.type === 'lane:closed') onLaneClosed(event);
      else if (event.type === 'run:ended') end = event;
    },
    async finish(look) {
      const after = look?.() ?? null;
      stopped.tell(after === null ? [] : stoppedIn(after));
      const isInterrupted = end?.why === 'interrupted';
      // A run that met nothing has nothing to say, however often it is started.
      if (moved && end && !isInterrupted && isNewEnd(end.why, after)) outbox.send(endNotice(end.why, after, options));
      await outbox.close(isInterrupted ? INTERRUPTED_PATIENCE_MS : PATIENCE_MS);
    },
  };
}

/** The same for as long as a job waits for the same. */
function subjectOf({ key, holdReason, attempts }: JobSnapshot): string {
  return `${key}:${holdReason ?? `failed:${attempts.at(-1)?.failure?.kind}`}`;
}

/** What a run has brought shows in it: where each job stands, and how many attempts were more than a refused create. */
function standing({ jobs }: Snapshot): string {
  const attempts = jobs.flatMap((job) => job.attempts.filter(({ state }) => state !== 'refused')).length;
  const hash = createHash('sha256');
  for (const { key, state, holdReason } of jobs) hash.update(`${key} ${state} ${holdReason}\n`);
  return `${attempts}:${hash.digest('hex').slice(0, 16)}`;
}

/** Others may mend themselves until the run is over. */
function waitsForPerson({ reason }: Of<'job:state'>, unlisted: boolean): boolean {
  return reason === undefined || !mendsItself(reason, unlisted);
}
