import type { Wire } from './exchange.js';

/**
 * Wires are made of a client that takes longer to load than most commands take, and that only a command needs which calls
 * somebody: it is loaded with the first call.
 */
export async function sharedWire(): Promise<Wire> {
  return (await import('./shared-wire.js')).sharedWire;
}

/** What a create is sent by: see `one-shot-wire.ts`. */
export function oneShotWires(): Promise<typeof import('./one-shot-wire.js')> {
  return import('./one-shot-wire.js');
}
