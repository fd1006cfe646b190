import type { FaultKind } from '../faults/fault.js';
import { accountOfKey } from '../http/account.js';
import { sendBadBody } from '../http/bad-body.js';
import type { Http } from '../http/env.js';
import { BODY_TOO_LARGE, readJson } from '../http/read-json.js';
import { cut, type Reply, retryAfterHeader, send } from '../http/reply.js';
import { slowDown } from '../http/slow-reply.js';
import { windowWaitMs } from '../limits/window.js';
import type { CreateOutcome } from '../state/create-log.js';
import type { World } from '../world.js';
import { admit } from './admit.js';
import type { CreateRoute, Order, Quote } from './create-route.js';
import type { Failure, Prediction } from './prediction.js';
import { type UsableMedia, useMedia } from './use-media.js';

/** What was decided about a create, before any fault touches the reply. */
interface Decision {
  /** Null cuts the connection instead. */
  reply: Reply | null;
  outcome: Omit<CreateOutcome, 'status'>;
  prediction?: Prediction;
}

/**
 * The life of a create POST, the same for every provider: seen, recognized, held against the window, read, its media
 * opened, held against the open predictions, created, answered. Each ends up in the ledger with what was answered.
 */
export async function handleCreate(world: World, http: Http, route: CreateRoute): Promise<Response> {
  const { dialect } = route;
  const { provider } = dialect;
  const arrivedAt = world.now();
  const account = accountOfKey(world, provider, dialect.key(http));

  // A provider that is down sees nothing, so that nothing takes a place in its window.
  const down = world.faults.take('down', { provider, route: route.route }) !== undefined;
  const waitMs = account === null ? null : windowWait(world, route, account, arrivedAt);
  const counted = !down && account !== null && (waitMs === null || world.options.limits[provider].countRefused);
  const seq = world.creates.arrive({ provider, account, route: route.route, arrivedAt, counted });
  const answer = (status: number | null, outcome: Omit<CreateOutcome, 'status'>) =>
    world.creates.answer(seq, world.now(), { status, ...outcome });

  if (down) {
    answer(null, { reason: 'refused-by-fault', fault: 'down' });
    return cut(http);
  }
  const { reply, outcome, prediction } = await decide(world, http, route, { seq, account, waitMs }).catch(
    (error: unknown): Decision => {
      // A fault of this emulator, before anything was created.
      console.error(error);
      return { reply: dialect.refuse(500), outcome: { reason: 'refused-by-fault', fault: 'emulator-error' } };
    },
  );
  if (reply === null) {
    answer(null, outcome);
    return cut(http);
  }
  const withHeaders = (plain: Reply): Reply => ({
    ...plain,
    headers: { ...dialect.headers?.(http, prediction), ...plain.headers },
  });
  if (prediction === undefined) {
    answer(reply.status, outcome);
    return send(withHeaders(reply));
  }
  const held = await route.hold?.(world, prediction);
  const spoken = await speak(world, http, route, withHeaders(held ?? reply));
  answer(spoken.status, { ...outcome, fault: spoken.fault });
  return spoken.response;
}

/** The reply to a create that has created, with whatever the faults make of it. */
async function speak(
  world: World,
  http: Http,
  { dialect, route }: CreateRoute,
  proper: Reply,
): Promise<{ response: Response; status: number | null; fault: FaultKind | null }> {
  const candidate = { provider: dialect.provider, route };
  const slow = await slowDown(world, candidate, 'create');
  if (world.faults.take('create-then-drop', candidate)) {
    return { response: cut(http), status: null, fault: 'create-then-drop' };
  }
  const otherStatus = world.faults.take('create-then-status', candidate);
  if (otherStatus !== undefined) {
    const { status = 502 } = otherStatus;
    return { response: send(dialect.refuse(status)), status, fault: 'create-then-status' };
  }
  const badBody = world.faults.take('bad-body', candidate, (fault) => fault.on === 'create');
  if (badBody !== undefined) {
    const response = sendBadBody(badBody, proper);
    return { response, status: response.status, fault: 'bad-body' };
  }
  return { response: send(proper), status: proper.status, fault: slow ? 'slow-reply' : null };
}

/** A create as it was seen, before anything is known of its body. */
interface Arrival {
  /** Its row in the ledger. */
  seq: number;
  /** Null for a key that is not accepted. */
  account: string | null;
  /** How long its window stays full; null when it has room. */
  waitMs: number | null;
}

async function decide(
  world: World,
  http: Http,
  route: CreateRoute,
  { seq, account, waitMs }: Arrival,
): Promise<Decision> {
  const { dialect } = route;
  const candidate = { provider: dialect.provider, route: route.route };
  const invalid = (reply: Reply): Decision => ({ reply, outcome: { reason: 'refused-by-validation' } });
  if (account === null) return { reply: dialect.refuse(401), outcome: { reason: 'unauthorized' } };
  if (waitMs !== null) return limited(world, route, 'window', waitMs);

  const refusal = world.faults.take('refuse-create', candidate);
  if (refusal !== undefined) {
    const reply = dialect.refuse(refusal.status);
    const headers = { ...reply.headers, ...retryAfterHeader(refusal.retryAfter) };
    return { reply: { ...reply, headers }, outcome: { reason: 'refused-by-fault', fault: 'refuse-create' } };
  }
  if (world.faults.take('drop-create', candidate)) {
    return { reply: null, outcome: { reason: 'refused-by-fault', fault: 'drop-create' } };
  }

  const body = await readJson(http);
  if ('problem' in body && body.problem === 'broken-off') return { reply: null, outcome: { reason: 'undecided' } };
  if ('problem' in body && body.problem === 'too-large') return invalid(dialect.refuse(413, BODY_TOO_LARGE));
  const ordered = route.order(body, http);
  if ('refused' in ordered) return invalid(ordered.refused);
  const { order } = ordered;
  const prepared = await prepare(world, route, order);
  if ('refused' in prepared) return invalid(prepared.refused);
  const turnedAway = route.turnAway?.(http, queuedNow(world, route, account)) ?? null;
  if (turnedAway !== null) return { reply: turnedAway, outcome: { reason: 'refused-by-limit', limit: 'concurrency' } };
  // In one transaction: what has been bought is in the ledger, whatever becomes of the reply and of this process.
  const buy = world.database.transaction(() => {
    const made = admit(world, route, { account, order, ...prepared });
    if (made === 'no-slot') return made;
    world.creates.answer(seq, world.now(), { status: null, reason: 'created', predictionId: made.id });
    return made;
  });
  const prediction = buy();
  if (prediction === 'no-slot') return limited(world, route, 'concurrency', null);
  return {
    reply: route.accepted(world, prediction),
    outcome: { reason: 'created', predictionId: prediction.id },
    prediction,
  };
}

interface Prepared {
  media: UsableMedia | null;
  quote: Quote | null;
  failure: Failure | null;
}

async function prepare(world: World, route: CreateRoute, order: Order): Promise<Prepared | { refused: Reply }> {
  const media = await useMedia(world, route, order);
  if (!('problem' in media)) return { media, quote: route.quote(world, order, media.audioMs), failure: null };
  const judged = route.judge(media.problem);
  return 'refused' in judged ? judged : { media: null, quote: null, failure: judged.failure };
}

function windowWait(world: World, route: CreateRoute, account: string, arrivedAt: number): number | null {
  const { provider } = route.dialect;
  const limits = world.options.limits[provider];
  if (limits.creates === null) return null;
  return windowWaitMs(limits, world.creates.countedSince(provider, account, arrivedAt - limits.perMs), arrivedAt);
}

function limited(world: World, route: CreateRoute, limit: 'window' | 'concurrency', waitMs: number | null): Decision {
  const reply = route.dialect.limited(limit);
  const tells = world.options.limits[route.dialect.provider].retryAfter && waitMs !== null;
  const headers = { ...reply.headers, ...retryAfterHeader(tells ? Math.ceil((waitMs as number) / 1000) : undefined) };
  return { reply: { ...reply, headers }, outcome: { reason: 'refused-by-limit', limit } };
}

function queuedNow(world: World, route: CreateRoute, account: string): number {
  const now = world.now();
  return world.predictions.open(route.dialect.provider, account, now).filter((one) => one.startsAt > now).length;
}
