import { z } from 'zod';
import { PROVIDER_NAMES } from '../provider-name.js';

/** Which requests or predictions a fault may hit. Without filters it may hit any. */
const filters = {
  provider: z.union([z.enum(PROVIDER_NAMES), z.array(z.enum(PROVIDER_NAMES)).nonempty()]).optional(),
  /** A route such as `wavespeed/infinitetalk`; meant for creates, polls and outputs. */
  route: z.string().optional(),
  /** Chance that it hits, drawn from the seeded generator. Default 1. */
  probability: z.number().min(0).max(1).optional(),
  /** It hits this many times and is then spent ("next n"). Default: never spent. */
  times: z.int().positive().optional(),
  /** It lets this many candidates pass first. Default 0. */
  skip: z.int().nonnegative().optional(),
};

const retryAfter = z.union([z.number().nonnegative(), z.string()]).optional();
const httpError = z.int().min(400).max(599);

/**
 * Everything that can be made to go wrong. Faults of a create, a poll, an output or an upload are drawn at each such
 * request; faults of a prediction are drawn once, when it is created, and stay with it over a restart.
 */
export const faultSchema = z.discriminatedUnion('kind', [
  /** Every connection to the provider is destroyed: creates, polls, listings, uploads, outputs. */
  z.strictObject({ kind: z.literal('down'), ...filters }),

  /** A create is answered with this status, and nothing is created. */
  z.strictObject({ kind: z.literal('refuse-create'), status: httpError, retryAfter, ...filters }),
  /** The connection of a create is destroyed, and nothing is created. */
  z.strictObject({ kind: z.literal('drop-create'), ...filters }),
  /** The prediction is created; the reply is this status (502 unless said). */
  z.strictObject({ kind: z.literal('create-then-status'), status: httpError.optional(), ...filters }),
  /** The prediction is created; the connection is destroyed without a reply. */
  z.strictObject({ kind: z.literal('create-then-drop'), ...filters }),

  /** A reply waits this long, in real milliseconds; that to a create comes after it has created. Default: any reply. */
  z.strictObject({
    kind: z.literal('slow-reply'),
    on: z.enum(['create', 'poll', 'listing', 'upload', 'output', 'any']).optional(),
    ms: z.number().positive(),
    ...filters,
  }),
  /** The reply to a create (which has created) or to a poll carries a body that is not the provider's. */
  z.strictObject({
    kind: z.literal('bad-body'),
    on: z.enum(['create', 'poll']),
    body: z.enum(['garbage', 'html', 'empty-object', 'nothing']),
    status: z.int().min(200).max(599).optional(),
    ...filters,
  }),
  /** A poll is answered with this status: 404 for a passing "not found", 429 or 5xx for a passing trouble. */
  z.strictObject({ kind: z.literal('refuse-poll'), status: httpError, retryAfter, ...filters }),
  /** A listing is answered with this status. */
  z.strictObject({ kind: z.literal('refuse-listing'), status: httpError, retryAfter, ...filters }),

  /** The prediction fails at its end. `message` replaces the provider's text, `charged` its charging rule. */
  z.strictObject({
    kind: z.literal('fail-prediction'),
    message: z.string().optional(),
    charged: z.boolean().optional(),
    ...filters,
  }),
  /** The prediction is refused by content moderation. */
  z.strictObject({ kind: z.literal('moderate-prediction'), ...filters }),
  /** The prediction shows a status that no page lists: until it ends, or with `forever` for good. */
  z.strictObject({
    kind: z.literal('unknown-status'),
    status: z.string().optional(),
    forever: z.boolean().optional(),
    ...filters,
  }),
  /** While it runs the prediction goes back to the queue and forth again. */
  z.strictObject({ kind: z.literal('flap-status'), ...filters }),
  /** The prediction completes, is charged, and has no output. */
  z.strictObject({ kind: z.literal('empty-outputs'), ...filters }),
  /** From `afterMs` after its creation (default 0) on, the provider knows nothing of the prediction. */
  z.strictObject({ kind: z.literal('vanish'), afterMs: z.number().nonnegative().optional(), ...filters }),
  /** The output is this part of its due length (default 0.5). */
  z.strictObject({ kind: z.literal('short-output'), fraction: z.number().positive().lt(1).optional(), ...filters }),
  /** The prediction is not in any listing until so long after its creation. */
  z.strictObject({ kind: z.literal('listing-lag'), ms: z.number().positive(), ...filters }),

  /** A download of an output is answered with this status; `afterMs` counts from the prediction's end (an expired URL). */
  z.strictObject({
    kind: z.literal('output-status'),
    status: httpError,
    afterMs: z.number().nonnegative().optional(),
    ...filters,
  }),
  /** A download of an output ends early: the announced length is right, the socket is cut after this part of it. */
  z.strictObject({ kind: z.literal('truncate-output'), fraction: z.number().min(0).lt(1).optional(), ...filters }),

  /** An upload is answered with this status, at its first request (`ticket`), at the bytes (`put`), or at either. */
  z.strictObject({
    kind: z.literal('refuse-upload'),
    at: z.enum(['ticket', 'put', 'any']).optional(),
    status: httpError,
    ...filters,
  }),
  /** The connection of an upload is destroyed while its bytes arrive. */
  z.strictObject({ kind: z.literal('drop-upload'), ...filters }),
]);

export const faultsSchema = z.array(faultSchema);

/** One programmed fault. */
export type Fault = z.infer<typeof faultSchema>;
export type FaultKind = Fault['kind'];
export type FaultOf<K extends FaultKind> = Extract<Fault, { kind: K }>;
