import { slotFreeAt } from '../limits/slots.js';
import type { World } from '../world.js';
import type { CreateRoute, Order, Quote } from './create-route.js';
import { drawFate, type Fate } from './draw-quirks.js';
import type { Failure, Prediction } from './prediction.js';
import { type StartPlan, schedule } from './start-plan.js';
import type { UsableMedia } from './use-media.js';

/** Media that fail are found out about this soon after the work began, at speed 1. */
const MEDIA_FAILURE_MS = 3_000;
/** A moderated prediction ends after this share of its time. */
const MODERATION_SHARE = 0.2;

/** Everything that a new prediction is made of. */
export interface Admission {
  account: string;
  order: Order;
  media: UsableMedia | null;
  quote: Quote | null;
  /** Why it will fail, when that is known from its media. */
  failure: Failure | null;
}

/**
 * Creates the prediction, or says that its account has no slot for it. Synchronous, so that no two creates can take
 * the same slot. Times are fixed here and only moved forward by a cancellation.
 */
export function admit(world: World, route: CreateRoute, admission: Admission): Prediction | 'no-slot' {
  const { account, order, media, quote } = admission;
  const { provider } = route.dialect;
  const limits = world.options.limits[provider];
  const now = world.now();
  const open = world.predictions.open(provider, account, now);
  const full = limits.concurrent !== null && open.length >= limits.concurrent;
  if (full && limits.overflow === 'refuse') return 'no-slot';

  const fate = drawFate(world, provider, route.route);
  const failure = admission.failure ?? quote?.failure ?? fate.failure;
  const { speed } = world.options;
  const queueMs = (500 + world.random() * 2_500) / speed;
  const wallMs = quote === null ? MEDIA_FAILURE_MS : route.wallMs(quote.outputMs, world.random);
  const runMs = Math.max(1, Math.round(shareOf(failure, wallMs) / speed));
  const slot = limits.overflow === 'queue' ? slotFreeAt(open, limits.concurrent, now) : now;
  const plan: StartPlan = {
    readyAt: Math.round(now + queueMs),
    endsUnstartedAt: order.startWithinMs === undefined ? null : now + order.startWithinMs,
    runMs,
    failure,
    chargesFailure: fate.chargesFailure ?? world.options.chargeFailed[provider] ?? false,
  };
  return world.predictions.insert({
    id: route.newId(),
    provider,
    account,
    route: route.route,
    createdAt: now,
    ...schedule(plan, slot),
    canceledAt: null,
    deletedAt: null,
    visibleAt: now + fate.listingLagMs,
    vanishesAt: fate.vanishesAfterMs === null ? null : now + fate.vanishesAfterMs,
    inputs: order.inputs,
    recipe:
      media === null || quote === null
        ? null
        : recipeOf(order, media, quote, { fate, seed: seedOf(world, route, order) }),
    quirks: plan.endsUnstartedAt === null ? fate.quirks : { ...fate.quirks, startPlan: plan },
    details: { ...order.details, ...quote?.details },
    priceMicros: quote?.priceMicros ?? 0,
  });
}

function recipeOf(
  order: Order,
  media: UsableMedia,
  quote: Quote,
  { fate, seed }: { fate: Fate; seed: number },
): Prediction['recipe'] {
  const { picture, audio } = media;
  const wanted = fate.shortenTo === null ? quote.outputMs : Math.round(quote.outputMs * fate.shortenTo);
  const durationMs = quote.fixedLength || fate.shortenTo !== null ? wanted : null;
  return { picture, audio, arrangement: order.arrangement, durationMs, seed };
}

function seedOf(world: World, { seed }: CreateRoute, { inputs }: Order): number {
  const given = inputs.seed === undefined ? seed.byDefault : (inputs.seed as number | null);
  return given === null || given === seed.random ? world.drawSeed() : given;
}

function shareOf(failure: Failure | null, wallMs: number): number {
  if (failure === null || failure.cause === 'internal') return wallMs;
  if (failure.cause === 'moderation') return wallMs * MODERATION_SHARE;
  return Math.min(MEDIA_FAILURE_MS, wallMs);
}
