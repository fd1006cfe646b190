import type { BudgetCap } from '@localize/core';
import type { Pace } from './fast-time.mjs';

export type Kill =
  | {
      readonly point: 'commit' | 'post';
      readonly when: 'before' | 'after' | 'during';
      readonly n: number;
      /** Stands still there (SIGSTOP) instead of dying. */
      readonly stop?: boolean;
    }
  | { readonly afterMs: number };

export interface ChaosSettings {
  readonly count: number;
  readonly routes: readonly string[];
  readonly limits?: Record<string, { creates: number; perMs: number; concurrent: number }>;
  readonly timeoutMs?: number;
  readonly onUncertain?: 'hold' | 'absent' | 'resubmit';
  /** Caps of the budget. */
  readonly caps?: readonly BudgetCap[];
  /** Local files go to the providers' own storage instead of a bucket. */
  readonly ownUploads?: boolean;
  /** In place of one key a provider. */
  readonly keys?: readonly { provider: string; variable: string; account: string | null; value: string }[];
  readonly batch?: string;
  /** Number of the first take, so that two batches of one state ask for different videos. */
  readonly firstTake?: number;
}

export type BatchName = Pick<ChaosSettings, 'batch' | 'firstTake'>;

/** The settings with what the world adds to them. */
export interface FullSettings extends ChaosSettings {
  readonly dir: string;
  readonly tag: string;
  readonly endpoints: unknown;
  readonly bucketUrl: string;
  readonly durations: Record<string, number>;
  readonly seed: number;
  readonly pace?: Pace | undefined;
}

export interface ChildEnd {
  readonly signal: NodeJS.Signals | null;
  readonly outcome: {
    why?: string;
    exit?: number;
    error?: string;
    message?: string;
    stack?: string;
    stoppedMs?: number;
    lastCreateSentMs?: number;
  } | null;
  readonly stderr: string;
}

export interface WorldOptions {
  readonly speed?: number;
  readonly limits?: unknown;
  /** Keys by provider and the account that each belongs to; others are refused there. */
  readonly accounts?: Record<string, Record<string, string>>;
  readonly seed?: number;
  readonly pace?: Pace;
}
