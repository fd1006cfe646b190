import type { Move } from '../limits/slots.js';
import type { Failure, Prediction } from '../predict/prediction.js';
import type { StartPlan } from '../predict/start-plan.js';
import type { ProviderName, RouteName } from '../provider-name.js';
import type { Sql } from './sql.js';

interface Row {
  seq: number;
  id: string;
  provider: ProviderName;
  account: string;
  route: RouteName;
  created_at: number;
  starts_at: number;
  finishes_at: number;
  canceled_at: number | null;
  deleted_at: number | null;
  visible_at: number;
  vanishes_at: number | null;
  inputs: string;
  recipe: string | null;
  failure: string | null;
  quirks: string;
  details: string;
  price_micros: number;
  charges_failure: number;
}

/** What the arithmetic of slots needs of a prediction. */
export interface OpenPrediction extends Pick<Prediction, 'seq' | 'id' | 'startsAt' | 'finishesAt'> {
  startPlan: StartPlan | null;
}

/** The predictions of every provider, one row each. */
export class PredictionTable {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  insert(prediction: Omit<Prediction, 'seq'>): Prediction {
    const result = this.#sql
      .prepare(
        `INSERT INTO predictions (id, provider, account, route, created_at, starts_at, finishes_at, visible_at, vanishes_at,
           inputs, recipe, failure, quirks, details, price_micros, charges_failure)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        prediction.id,
        prediction.provider,
        prediction.account,
        prediction.route,
        prediction.createdAt,
        prediction.startsAt,
        prediction.finishesAt,
        prediction.visibleAt,
        prediction.vanishesAt,
        JSON.stringify(prediction.inputs),
        prediction.recipe === null ? null : JSON.stringify(prediction.recipe),
        prediction.failure === null ? null : JSON.stringify(prediction.failure),
        JSON.stringify(prediction.quirks),
        JSON.stringify(prediction.details),
        prediction.priceMicros,
        prediction.chargesFailure ? 1 : 0,
      );
    return { ...prediction, seq: Number(result.lastInsertRowid) };
  }

  find(provider: ProviderName, id: string): Prediction | undefined {
    const row = this.#sql.prepare('SELECT * FROM predictions WHERE provider = ? AND id = ?').get(provider, id);
    return row === undefined ? undefined : toPrediction(row as Row);
  }

  /** What of an account still holds or awaits a slot, in the order of creation. */
  open(provider: ProviderName, account: string, now: number): OpenPrediction[] {
    const rows = this.#sql
      .prepare(
        `SELECT seq, id, starts_at AS startsAt, finishes_at AS finishesAt, quirks ->> '$.startPlan' AS startPlan
         FROM predictions
         WHERE provider = ? AND account = ? AND finishes_at > ? AND canceled_at IS NULL ORDER BY seq`,
      )
      .all(provider, account, now) as (Omit<OpenPrediction, 'startPlan'> & { startPlan: string | null })[];
    return rows.map((row) => ({ ...row, startPlan: row.startPlan === null ? null : JSON.parse(row.startPlan) }));
  }

  /** Predictions of a provider, newest first. */
  ofProvider(provider: ProviderName): Prediction[] {
    return this.#select('provider = ? ORDER BY created_at DESC, seq DESC', provider);
  }

  all(): Prediction[] {
    return this.#select('TRUE ORDER BY seq');
  }

  count(): number {
    return this.#sql.prepare('SELECT count(*) FROM predictions').pluck().get() as number;
  }

  reschedule({ id, startsAt, finishesAt, outcome }: Move): void {
    this.#sql
      .prepare('UPDATE predictions SET starts_at = ?, finishes_at = ? WHERE id = ?')
      .run(startsAt, finishesAt, id);
    if (outcome === null) return;
    const { failure, chargesFailure } = outcome;
    this.#sql
      .prepare('UPDATE predictions SET failure = ?, charges_failure = ? WHERE id = ?')
      .run(failure === null ? null : JSON.stringify(failure), chargesFailure ? 1 : 0, id);
  }

  cancel(id: string, at: number): void {
    this.#sql.prepare('UPDATE predictions SET canceled_at = ? WHERE id = ?').run(at, id);
  }

  remove(id: string, at: number): void {
    this.#sql.prepare('UPDATE predictions SET deleted_at = ? WHERE id = ?').run(at, id);
  }

  fail(id: string, failure: Failure): void {
    this.#sql.prepare('UPDATE predictions SET failure = ? WHERE id = ?').run(JSON.stringify(failure), id);
  }

  #select(where: string, ...values: (string | number)[]): Prediction[] {
    const rows = this.#sql.prepare(`SELECT * FROM predictions WHERE ${where}`).all(...values) as Row[];
    return rows.map(toPrediction);
  }
}

function toPrediction(row: Row): Prediction {
  return {
    seq: row.seq,
    id: row.id,
    provider: row.provider,
    account: row.account,
    route: row.route,
    createdAt: row.created_at,
    startsAt: row.starts_at,
    finishesAt: row.finishes_at,
    canceledAt: row.canceled_at,
    deletedAt: row.deleted_at,
    visibleAt: row.visible_at,
    vanishesAt: row.vanishes_at,
    inputs: JSON.parse(row.inputs),
    recipe: row.recipe === null ? null : JSON.parse(row.recipe),
    failure: row.failure === null ? null : JSON.parse(row.failure),
    quirks: JSON.parse(row.quirks),
    details: JSON.parse(row.details),
    priceMicros: row.price_micros,
    chargesFailure: row.charges_failure === 1,
  };
}
