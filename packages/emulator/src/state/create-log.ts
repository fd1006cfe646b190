import type { ProviderName } from '../provider-name.js';
import type { Sql } from './sql.js';

/** Why a create was answered as it was. `created` holds whatever then became of the reply. */
export type CreateReason =
  | 'created'
  | 'refused-by-limit'
  | 'refused-by-validation'
  | 'refused-by-fault'
  | 'unauthorized'
  /** Seen, and the client went away or the emulator was stopped before it had been decided. */
  | 'undecided';

/** One create POST that was seen. */
export interface CreateRecord {
  seq: number;
  provider: ProviderName;
  /** Name of the account; null when the key was not accepted. */
  account: string | null;
  route: string;
  arrivedAt: number;
  answeredAt: number | null;
  /** HTTP status that was sent; null when the connection was cut instead. */
  status: number | null;
  reason: CreateReason;
  /** Kind of the fault that had a part in it. */
  fault: string | null;
  /** Which limit refused it. */
  limit: 'window' | 'concurrency' | null;
  predictionId: string | null;
}

export interface CreateOutcome {
  status: number | null;
  reason: CreateReason;
  fault?: string | null;
  limit?: 'window' | 'concurrency' | null;
  predictionId?: string | null;
}

interface Row {
  seq: number;
  provider: ProviderName;
  account: string | null;
  route: string;
  arrived_at: number;
  answered_at: number | null;
  status: number | null;
  reason: CreateReason;
  fault: string | null;
  limit_kind: 'window' | 'concurrency' | null;
  prediction_id: string | null;
}

/** Every create POST that the emulator has seen; also the memory of the sliding windows. */
export class CreateLog {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Notes a create as it arrives; `counted` gives it a place in its account's window. */
  arrive(create: {
    provider: ProviderName;
    account: string | null;
    route: string;
    arrivedAt: number;
    counted: boolean;
  }): number {
    const result = this.#sql
      .prepare(
        `INSERT INTO creates (provider, account, route, arrived_at, reason, counted) VALUES (?, ?, ?, ?, 'undecided', ?)`,
      )
      .run(create.provider, create.account, create.route, create.arrivedAt, create.counted ? 1 : 0);
    return Number(result.lastInsertRowid);
  }

  /** Notes how a create was answered. */
  answer(seq: number, at: number, outcome: CreateOutcome): void {
    this.#sql
      .prepare(
        `UPDATE creates SET answered_at = ?, status = ?, reason = ?, fault = ?, limit_kind = ?, prediction_id = ? WHERE seq = ?`,
      )
      .run(
        at,
        outcome.status,
        outcome.reason,
        outcome.fault ?? null,
        outcome.limit ?? null,
        outcome.predictionId ?? null,
        seq,
      );
  }

  /** Arrival times, oldest first, of the creates that count in the window of an account after `since`. */
  countedSince(provider: ProviderName, account: string, since: number): number[] {
    return this.#sql
      .prepare(
        `SELECT arrived_at FROM creates WHERE counted = 1 AND provider = ? AND account = ? AND arrived_at > ? ORDER BY arrived_at`,
      )
      .pluck()
      .all(provider, account, since) as number[];
  }

  all(): CreateRecord[] {
    const rows = this.#sql.prepare('SELECT * FROM creates ORDER BY seq').all() as Row[];
    return rows.map((row) => ({
      seq: row.seq,
      provider: row.provider,
      account: row.account,
      route: row.route,
      arrivedAt: row.arrived_at,
      answeredAt: row.answered_at,
      status: row.status,
      reason: row.reason,
      fault: row.fault,
      limit: row.limit_kind,
      predictionId: row.prediction_id,
    }));
  }
}
