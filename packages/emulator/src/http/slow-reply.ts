import type { Candidate } from '../faults/fault-desk.js';
import type { World } from '../world.js';

/** Holds a reply back when a `slow-reply` fault asks for it; true when it did. */
export async function slowDown(
  world: World,
  candidate: Candidate,
  on: 'create' | 'poll' | 'listing' | 'upload' | 'output',
): Promise<boolean> {
  const slow = world.faults.take('slow-reply', candidate, (fault) => [on, 'any'].includes(fault.on ?? 'any'));
  if (slow === undefined) return false;
  await world.activity.pause(slow.ms);
  return true;
}
