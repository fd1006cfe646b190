import type { AttemptSnapshot, JobSnapshot, LaneSnapshot, RunSnapshot, Snapshot } from '@localize/core';

/**
 * What a run did not do on a lane: jobs that it could have sent there and did not come to, those that the budget had no room
 * for, or those that it was told to leave.
 */
export type LeftBehind = 'nothing' | 'jobs' | 'money' | 'told';

/** A run, as one lane saw it. */
export interface LaneRun {
  readonly id: string;
  readonly fromMs: number;
  /** Its end, or now. */
  readonly toMs: number;
  readonly left: LeftBehind;
  /** Of what it left, media is still to be uploaded. */
  readonly isUploading: boolean;
}

/** What is known of jobs that waited for a lane: how it is told what a run left behind. */
export class LaneLeftovers {
  readonly #snapshot: Snapshot;
  /** Providers for whose lanes jobs wait now, and whether uploads are under way for some of them. */
  readonly #waiting = new Map<string, { isUploading: boolean }>();
  /** By lane: the last create of a job for which nothing was bought before, so that it had waited until then. */
  readonly #lastFirstMs = new Map<string, number>();

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
    for (const job of snapshot.jobs) this.#add(job);
  }

  #add({ state, orphaned, route, attempts }: JobSnapshot): void {
    if (!orphaned && route !== null && (state === 'pending' || state === 'staging')) {
      const known = this.#waiting.get(providerOf(route));
      this.#waiting.set(providerOf(route), { isUploading: known?.isUploading === true || state === 'staging' });
    }
    for (const attempt of attempts) {
      const id = laneId(attempt);
      if (!attempt.adopted) {
        this.#lastFirstMs.set(id, Math.max(attempt.createdAtMs, this.#lastFirstMs.get(id) ?? attempt.createdAtMs));
      }
      if (attempt.state !== 'refused') return;
    }
  }

  /** Every run, the earliest first, as this lane saw it. @param lastRunId of its latest attempt */
  runsOf(lane: LaneSnapshot, lastRunId: string | null | undefined): LaneRun[] {
    const { runs, takenAtMs } = this.#snapshot;
    const isUploading = this.#waiting.get(lane.provider)?.isUploading === true;
    return runs
      .map((run) => ({
        id: run.id,
        fromMs: run.startedAtMs,
        toMs: run.endedAtMs ?? takenAtMs,
        left: this.#leftBy(run, lane, lastRunId),
        isUploading,
      }))
      .sort((a, b) => a.fromMs - b.fromMs);
  }

  #leftBy(
    { id, endedAtMs, endedWhy }: RunSnapshot,
    lane: LaneSnapshot,
    lastRunId: string | null | undefined,
  ): LeftBehind {
    if (endedWhy === 'budget') return this.#waitsForMoney(lane) || id !== lastRunId ? 'money' : 'nothing';
    if (endedWhy === 'finished') return 'nothing';
    const sentLater = endedAtMs !== null && (this.#lastFirstMs.get(laneId(lane)) ?? 0) > endedAtMs;
    if (!sentLater && !this.#waiting.has(lane.provider)) return 'nothing';
    return endedWhy === 'stop-after' ? 'told' : 'jobs';
  }

  #waitsForMoney({ provider }: LaneSnapshot): boolean {
    const isOf = (route: string | null) => route !== null && providerOf(route) === provider;
    return this.#snapshot.jobs.some(
      ({ waitsForMoney, route, alternatives = [] }) =>
        waitsForMoney !== undefined && (isOf(route) || alternatives.some((other) => isOf(other.route))),
    );
  }
}

/** Lanes of two providers may have keys of one name. */
export function laneId({ provider, lane }: Pick<AttemptSnapshot, 'provider' | 'lane'>): string {
  return `${provider} ${lane}`;
}

function providerOf(route: string): string {
  return route.split('/')[0] ?? route;
}
