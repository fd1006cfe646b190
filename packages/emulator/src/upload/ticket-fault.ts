import type { Reply } from '../http/reply.js';
import { slowDown } from '../http/slow-reply.js';
import type { Dialect } from '../predict/create-route.js';
import type { World } from '../world.js';

/** The refusal of an upload's first request, when a fault asks for one. */
export async function takeTicketFault(world: World, dialect: Dialect): Promise<Reply | null> {
  const { provider } = dialect;
  await slowDown(world, { provider }, 'upload');
  const fault = world.faults.take('refuse-upload', { provider }, (one) => ['ticket', 'any'].includes(one.at ?? 'any'));
  return fault === undefined ? null : dialect.refuse(fault.status);
}
