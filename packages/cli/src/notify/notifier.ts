import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  calendarDay,
  type JobSnapshot,
  mendsItself,
  NOTICE_KINDS,
  type NoticeKind,
  plainText,
  type Snapshot,
} from '@localize/core';
import { needsPerson } from '@localize/report';
import {
  forgetNotices,
  forgetOtherNotices,
  hasNotices,
  machineTimeZone,
  type RunEvent,
  rememberNotice,
  type Store,
} from '@localize/runner';
import { isUnlisted } from '../batch/unlisted.js';
import { endNotice, type Notice, type Stopped, stoppedNotice, whyHeld } from './notice.js';
import type { NoticeTarget } from './notice-targets.js';

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

type JobMove = Extract<RunEvent, { type: 'job:state' }>;

/** Jobs that are held within so long are told of together. */
const GATHER_MS = 2_000;
/** How long the end of a run waits for those who are being told. */
const PATIENCE_MS = 3_000;
const INTERRUPTED_PATIENCE_MS = 500;

const SILENT: Notifier = { onEvent: () => undefined, finish: async () => undefined };

export function createNotifier(options: NotifierOptions): Notifier {
  const { batch, targets, onProblem } = options;
  if (targets.length === 0) return SILENT;
  const seen = createMemory(options);
  const failing = new Set<string>();
  /** Who is being told. */
  const underWay = new Map<Promise<void>, string>();
  let stopped: Stopped[] = [];
  let timer: NodeJS.Timeout | undefined;
  let end: Extract<RunEvent, { type: 'run:ended' }> | undefined;
  let moved = false;
  /** Jobs whose create was lost where no run can look it up. */
  const unlisted = new Set<string>();

  function fail(name: string, why: string): void {
    if (!failing.has(name)) onProblem(`${name} was not told: ${why}`);
    failing.add(name);
  }

  function send(notice: Notice): void {
    for (const target of targets.filter(({ kinds }) => kinds.includes(notice.kind))) {
      const delivery = target.deliver(notice).catch((error: unknown) => fail(target.name, (error as Error).message));
      underWay.set(delivery, target.name);
      void delivery.then(() => underWay.delete(delivery));
    }
  }

  /** What nobody wants to be told is not taken for told: somebody may ask for it later. */
  function isNews(kind: NoticeKind, subject: string): boolean {
    return targets.some(({ kinds }) => kinds.includes(kind)) && seen.isNew(kind, subject);
  }

  function sendStopped(): void {
    clearTimeout(timer);
    timer = undefined;
    if (stopped.length > 0) send(stoppedNotice(stopped, options));
    stopped = [];
  }

  /** Runs that only look at the same holds again end as the last one did. */
  function isNewEnd(why: string, after: Snapshot | null): boolean {
    if (after === null) return true;
    // A run that was to buy nothing tells no more than one that had nothing to buy.
    const subject = `${why === 'stop-after' ? 'finished' : why}:${standing(after)}`;
    if (!isNews('finished', subject)) return false;
    seen.forgetOthers('finished', subject);
    return true;
  }

  function onJob(event: JobMove): void {
    moved = true;
    // Only what is new begins anew: a run that looks at a hold again finds the same hold.
    if (event.to === 'submitting' || event.to === 'succeeded') seen.forget('needs_person', `${event.key}:`);
    if (event.to !== 'held') {
      // The user said beforehand what becomes of it.
      stopped = stopped.filter(({ key }) => key !== event.key);
      return;
    }
    if (!waitsForPerson(event, unlisted.has(event.key))) return;
    if (!isNews('needs_person', `${event.key}:${event.reason}`)) return;
    stopped.push({ key: event.key, why: whyHeld(event.reason, event.failure?.message) });
    timer ??= setTimeout(sendStopped, GATHER_MS);
  }

  return {
    onEvent: (event) => {
      if (event.type === 'job:state') onJob(event);
      else if (
        event.type === 'budget:met' &&
        isNews('budget', `${event.cap} ${calendarDay(event.atMs, machineTimeZone())}`)
      ) {
        send({ kind: 'budget', text: `${batch}: ${event.message}` });
      } else if (
        event.type === 'lane:closed' &&
        isNews('lane_closed', `${event.lane}:${event.key ?? ''}${event.why}`)
      ) {
        send({ kind: 'lane_closed', text: `${batch}: ${event.key ?? event.lane} takes no new work: ${event.why}` });
      } else if (event.type === 'attempt:state' && event.to === 'uncertain') {
        if (isUnlisted(event.route)) unlisted.add(event.key);
      } else if (event.type === 'attempt:state' && event.to === 'accepted') {
        unlisted.delete(event.key);
        seen.forget('lane_closed', `${event.lane}:`);
      } else if (event.type === 'run:ended') end = event;
    },
    finish: async (look) => {
      const after = look?.() ?? null;
      for (const job of after?.jobs ?? []) {
        const why = needsPerson(job);
        if (why === null || !isNews('needs_person', subjectOf(job))) continue;
        stopped.push({
          key: job.key,
          why: [why.title, ...(why.detail === null ? [] : [plainText(why.detail, 200)])].join(': '),
        });
      }
      sendStopped();
      // A run that met nothing has nothing to say, however often it is started.
      if (moved && end && end.why !== 'interrupted' && isNewEnd(end.why, after)) {
        send(endNotice(end.why, after, options));
      }
      const patienceMs = end?.why === 'interrupted' ? INTERRUPTED_PATIENCE_MS : PATIENCE_MS;
      await Promise.race([Promise.all(underWay.keys()), sleep(patienceMs, undefined, { ref: false })]);
      for (const name of underWay.values()) fail(name, 'no answer in time');
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
function waitsForPerson({ reason }: JobMove, unlisted: boolean): boolean {
  return reason === undefined || !mendsItself(reason, unlisted);
}

/** What was told stays in the state, so that the next run does not tell it again. */
function createMemory({ batch, store }: NotifierOptions) {
  // Most runs have nothing to forget, and are asked to a few times a job.
  const told = new Set(NOTICE_KINDS.filter((kind) => hasNotices(store, batch, kind)));
  return {
    isNew: (kind: NoticeKind, subject: string) => {
      told.add(kind);
      try {
        return rememberNotice(store, { batch, kind, subject }, Date.now());
      } catch {
        // A full disk must not silence the word of it.
        return true;
      }
    },
    forget: (kind: NoticeKind, subjectStart: string) => {
      if (!told.has(kind)) return;
      try {
        forgetNotices(store, batch, kind, subjectStart);
      } catch {
        // It is told once less.
      }
    },
    forgetOthers: (kind: NoticeKind, subject: string) => {
      try {
        forgetOtherNotices(store, { batch, kind, subject });
      } catch {
        // It is told once less.
      }
    },
  };
}
