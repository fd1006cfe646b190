import type { Failure, JsonObject, Micros, StartResult } from '@localize/core';
import type { Exchange, Reply } from '../http/exchange.js';
import { asObject } from '../reading/fields.js';

/** How one provider's replies to a create are read. */
export interface CreateReader {
  /** The id that a successful body names; `null` when it names none. */
  accepted(body: Readonly<Record<string, unknown>>): { readonly id: string; readonly costMicros: Micros | null } | null;
  /** An explicit refusal inside a successful reply; `null` when the body does not say so. */
  refusedInside?(body: Readonly<Record<string, unknown>>, reply: Reply): Failure | null;
  failure(reply: Reply): Failure;
}

/** Statuses that refuse a create explicitly: nothing was bought. */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 402, 403, 404, 413, 415, 422, 429]);

/** Whether a status, of HTTP or told inside a reply, says that nothing was bought. */
export function isRefusal(status: unknown): status is number {
  return typeof status === 'number' && REFUSALS.has(status);
}

/**
 * What the reply to a create proves (`docs/architecture.md`, “What keeps the three promises”). An id proves that something
 * was bought, whatever else the body says; everything that is neither an id nor an explicit refusal proves nothing.
 */
export function judgeCreate(exchange: Exchange, reader: CreateReader): StartResult {
  if (!exchange.arrived) return { outcome: exchange.sent ? 'uncertain' : 'unsent', failure: exchange.failure };
  if (isRefusal(exchange.status)) return { outcome: 'refused', failure: reader.failure(exchange) };
  if (exchange.status < 200 || exchange.status > 299)
    return { outcome: 'uncertain', failure: reader.failure(exchange) };
  const body = asObject(exchange.json) ?? {};
  const accepted = reader.accepted(body);
  if (accepted !== null) {
    return {
      outcome: 'accepted',
      predictionId: accepted.id,
      reference: referenceTo(accepted.id),
      costMicros: accepted.costMicros,
    };
  }
  const refusal = reader.refusedInside?.(body, exchange) ?? null;
  if (refusal !== null) return { outcome: 'refused', failure: refusal };
  return { outcome: 'uncertain', failure: withoutId(exchange, reader) };
}

/** The refusal of a request that this route cannot express; no byte leaves. */
export function inexpressible(message: string): StartResult {
  return { outcome: 'refused', failure: { kind: 'invalid-input', message } };
}

/** Every provider's predictions are found by their id alone; where they live comes from the connection. */
export function referenceTo(predictionId: string): JsonObject {
  return { id: predictionId };
}

/** @throws Error when the reference is none of ours: a fault of the caller. */
export function referenceId(reference: JsonObject): string {
  if (typeof reference.id !== 'string' || reference.id === '') throw new Error('a reference without an id');
  return reference.id;
}

function withoutId(reply: Reply, reader: CreateReader): Failure {
  const { message } = reader.failure(reply);
  return { kind: 'provider', httpStatus: reply.status, message: `a reply without a prediction id (${message})` };
}
