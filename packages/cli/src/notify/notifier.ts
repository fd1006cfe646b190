import { setTimeout as sleep } from 'node:timers/promises';
import { calendarDay, mendsItself, type NoticeKind, type Snapshot } from '@localize/core';
import {
  forgetNotices,
  hasNotices,
  machineTimeZone,
  type RunEvent,
  rememberNotice,
  type Store,
} from '@localize/runner';
import { isUnlisted } from '../batch/unlisted.js';
import { endNotice, heldNotice, type Notice } from './notice.js';
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
  let held: JobMove[] = [];
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

  function sendHeld(): void {
    clearTimeout(timer);
    timer = undefined;
    if (held.length > 0) send(heldNotice(held, options));
    held = [];
  }

  function onJob(event: JobMove): void {
    moved = true;
    // Only what is new begins anew: a run that looks at a hold again finds the same hold.
    if (event.to === 'submitting' || event.to === 'succeeded') seen.forget('needs_person', `${event.key}:`);
    if (event.to !== 'held') {
      // The user said beforehand what becomes of it.
      held = held.filter(({ key }) => key !== event.key);
      return;
    }
    if (!waitsForPerson(event, unlisted.has(event.key))) return;
    if (!isNews('needs_person', `${event.key}:${event.reason}`)) return;
    held.push(event);
    timer ??= setTimeout(sendHeld, GATHER_MS);
  }

  return {
    onEvent: (event) => {
      if (event.type === 'job:state') onJob(event);
      else if (
        event.type === 'budget:met' &&
        isNews('budget', `${event.cap} ${calendarDay(event.atMs, machineTimeZone())}`)
      ) {
        send({ kind: 'budget', text: `${batch}: ${event.message}` });
      } else if (event.type === 'lane:closed' && isNews('lane_closed', `${event.lane}:${event.why}`)) {
        send({ kind: 'lane_closed', text: `${batch}: ${event.lane} takes no new work: ${event.why}` });
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
        const { key, state, holdReason } = job;
        if (state !== 'held' || !isNews('needs_person', `${key}:${holdReason}`)) continue;
        const move = { atMs: after?.takenAtMs ?? 0, type: 'job:state', key, from: 'held', to: 'held' } as const;
        held.push({ ...move, reason: holdReason ?? undefined });
      }
      sendHeld();
      // A run that met nothing has nothing to say, however often it is started.
      if (moved && end && end.why !== 'interrupted') send(endNotice(end.why, after, options));
      const patienceMs = end?.why === 'interrupted' ? INTERRUPTED_PATIENCE_MS : PATIENCE_MS;
      await Promise.race([Promise.all(underWay.keys()), sleep(patienceMs, undefined, { ref: false })]);
      for (const name of underWay.values()) fail(name, 'no answer in time');
    },
  };
}

/** Others may mend themselves until the run is over. */
function waitsForPerson({ reason }: JobMove, unlisted: boolean): boolean {
  return reason === undefined || !mendsItself(reason, unlisted);
}

/** What was told stays in the state, so that the next run does not tell it again. */
function createMemory({ batch, store }: NotifierOptions) {
  // Most runs have nothing to forget, and are asked to a few times a job.
  let isEmpty = !hasNotices(store, batch);
  return {
    isNew: (kind: string, subject: string) => {
      isEmpty = false;
      try {
        return rememberNotice(store, { batch, kind, subject }, Date.now());
      } catch {
        // A full disk must not silence the word of it.
        return true;
      }
    },
    forget: (kind: string, subjectStart: string) => {
      if (isEmpty) return;
      try {
        forgetNotices(store, batch, kind, subjectStart);
      } catch {
        // It is told once less.
      }
    },
  };
}
