import type { Plan, ProviderId } from '@localize/core';

/**
 * Emulated lanes are remembered under this name: the emulator's port may change while its limits go on. Each batch has
 * an emulator of its own, which knows nothing of another batch's predictions.
 */
export function emulatedHost(batch: string): string {
  return `emulator/${batch}`;
}

/** The host under which a plan's lanes of a provider are remembered; `null` when the plan knows no such provider. */
export function laneHost(plan: Plan, provider: ProviderId): string | null {
  if (plan.emulate) return emulatedHost(plan.batch);
  const base = plan.providers[provider]?.hosts.base_url;
  return base === undefined ? null : new URL(base).host;
}
