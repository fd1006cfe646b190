import { LocalizeError } from '@localize/core';
import type { Variables } from '../keys/read-environment.js';

/** So many times faster than the real providers: a demo of a dozen jobs ends well within a minute. */
const USUAL_SPEED = 60;
const VARIABLE = 'LOCALIZE_EMULATED_SPEED';

/**
 * How many times faster than the real providers the built-in emulator is: slow to watch it, fast where scripts are tried.
 * @throws LocalizeError USAGE when the variable holds no factor
 */
export function readEmulatedSpeed(variables: Variables): number {
  const written = variables[VARIABLE]?.trim();
  if (!written) return USUAL_SPEED;
  const speed = Number(written);
  if (speed > 0 && Number.isFinite(speed)) return speed;
  throw new LocalizeError('USAGE', `${VARIABLE} is ${JSON.stringify(written)}`, {
    hint: `a factor above 0, such as ${USUAL_SPEED}`,
  });
}
