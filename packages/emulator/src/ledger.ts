import { chargedMicros, isOver, type Prediction, type PredictionState, stateAt } from './predict/prediction.js';
import { PROVIDER_NAMES, type ProviderName } from './provider-name.js';
import type { CreateRecord } from './state/create-log.js';
import type { World } from './world.js';

/** A prediction as the ledger tells of it. */
export interface LedgerPrediction {
  id: string;
  provider: ProviderName;
  account: string;
  route: string;
  createdAt: number;
  startsAt: number;
  finishesAt: number;
  state: PredictionState;
  /** Why it failed or will fail. */
  failure: string | null;
  /** True once the account deleted it or a fault made it vanish. */
  gone: boolean;
  inputs: Readonly<Record<string, unknown>>;
  /** What it costs when it succeeds. */
  priceMicros: number;
  /** What has been billed for it. */
  billedMicros: number;
  charged: boolean;
}

/** Sums over one provider. */
export interface LedgerTotals {
  /** Create POSTs seen. */
  creates: number;
  created: number;
  /** Refusals of the emulator's own limiter; those of a `refuse-create` fault are under `refusedByFault`. */
  refusedByLimit: number;
  refusedByValidation: number;
  refusedByFault: number;
  unauthorized: number;
  open: number;
  succeeded: number;
  failed: number;
  canceled: number;
  /** Billed so far, in micro-dollars. */
  billedMicros: number;
}

/** Everything that was asked of the emulator, and what it would have cost. */
export interface Ledger {
  creates: CreateRecord[];
  predictions: LedgerPrediction[];
  totals: Record<ProviderName, LedgerTotals>;
  /** Sum of `refusedByLimit`: how often a client broke a limit. */
  limiterRefusals: number;
  billedMicros: number;
}

/** Draws up the ledger as of now. */
export function readLedger(world: World): Ledger {
  const now = world.now();
  const creates = world.creates.all();
  const predictions = world.predictions.all();
  const totals = Object.fromEntries(
    PROVIDER_NAMES.map((provider) => [provider, totalsOf(provider, creates, predictions, now)]),
  ) as Record<ProviderName, LedgerTotals>;
  const sum = (field: keyof LedgerTotals) => PROVIDER_NAMES.reduce((all, one) => all + totals[one][field], 0);
  return {
    creates,
    predictions: predictions.map((prediction) => toLedger(prediction, now)),
    totals,
    limiterRefusals: sum('refusedByLimit'),
    billedMicros: sum('billedMicros'),
  };
}

function toLedger(prediction: Prediction, now: number): LedgerPrediction {
  const { id, provider, account, route, createdAt, startsAt, finishesAt, inputs, priceMicros } = prediction;
  const billedMicros = chargedMicros(prediction, now);
  return {
    id,
    provider,
    account,
    route,
    createdAt,
    startsAt,
    finishesAt,
    state: stateAt(prediction, now),
    failure: prediction.failure?.cause ?? null,
    gone: prediction.deletedAt !== null || (prediction.vanishesAt !== null && now >= prediction.vanishesAt),
    inputs,
    priceMicros,
    billedMicros,
    charged: billedMicros > 0,
  };
}

function totalsOf(
  provider: ProviderName,
  creates: readonly CreateRecord[],
  predictions: readonly Prediction[],
  now: number,
): LedgerTotals {
  const seen = creates.filter((create) => create.provider === provider);
  const own = predictions.filter((prediction) => prediction.provider === provider);
  const because = (reason: CreateRecord['reason']) => seen.filter((create) => create.reason === reason).length;
  const inState = (state: PredictionState) => own.filter((prediction) => stateAt(prediction, now) === state).length;
  return {
    creates: seen.length,
    created: because('created'),
    refusedByLimit: because('refused-by-limit'),
    refusedByValidation: because('refused-by-validation'),
    refusedByFault: because('refused-by-fault'),
    unauthorized: because('unauthorized'),
    open: own.filter((prediction) => !isOver(prediction, now)).length,
    succeeded: inState('succeeded'),
    failed: inState('failed'),
    canceled: inState('canceled'),
    billedMicros: own.reduce((sum, prediction) => sum + chargedMicros(prediction, now), 0),
  };
}
