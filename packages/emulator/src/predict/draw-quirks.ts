import type { ProviderName, RouteName } from '../provider-name.js';
import type { World } from '../world.js';
import type { Failure, Quirks } from './prediction.js';

/** What the faults have in store for a new prediction. */
export interface Fate {
  failure: Failure | null;
  chargesFailure: boolean | null;
  quirks: Quirks;
  shortenTo: number | null;
  vanishesAfterMs: number | null;
  listingLagMs: number;
}

/** Draws the faults that stay with a prediction from its creation on. */
export function drawFate(world: World, provider: ProviderName, route: RouteName): Fate {
  const candidate = { provider, route };
  const { faults } = world;
  const moderated = faults.take('moderate-prediction', candidate);
  const failed = moderated === undefined ? faults.take('fail-prediction', candidate) : undefined;
  const unknown = faults.take('unknown-status', candidate);
  const quirks: Quirks = {
    ...(unknown === undefined
      ? {}
      : { unknownStatus: { status: unknown.status ?? 'hibernating', forever: unknown.forever ?? false } }),
    ...(faults.take('flap-status', candidate) === undefined ? {} : { flaps: true }),
    ...(faults.take('empty-outputs', candidate) === undefined ? {} : { emptyOutputs: true }),
  };
  const short = faults.take('short-output', candidate);
  const vanish = faults.take('vanish', candidate);
  return {
    failure: moderated !== undefined ? { cause: 'moderation' } : failed === undefined ? null : internal(failed.message),
    chargesFailure: failed?.charged ?? null,
    quirks,
    shortenTo: short === undefined ? null : (short.fraction ?? 0.5),
    vanishesAfterMs: vanish === undefined ? null : (vanish.afterMs ?? 0),
    listingLagMs: faults.take('listing-lag', candidate)?.ms ?? 0,
  };
}

function internal(message: string | undefined): Failure {
  return message === undefined ? { cause: 'internal' } : { cause: 'internal', message };
}
