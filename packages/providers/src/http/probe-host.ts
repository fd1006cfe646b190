import { type Failure, secret } from '@localize/core';
import { exchange } from './exchange.js';
import { sharedWire } from './wires.js';

/** What a host says to whoever sends it no key. */
export type Probe =
  /** `date`: as its reply has it; `null` where it says none. */
  { readonly reached: true; readonly date: string | null } | { readonly reached: false; readonly failure: Failure };

/** Asks a host whether it is there, by the client that runs use: what stands in that one's way is found, and no more. */
export async function probeHost(
  url: string,
  { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
): Promise<Probe> {
  const outgoing = { method: 'HEAD', url: new URL(url), headers: {}, own: true, timeoutMs } as const;
  const keyless = { hosts: {}, auth: '', key: secret('') };
  const reply = await exchange(outgoing, await sharedWire(), { connection: keyless, signal });
  if (!reply.arrived) return { reached: false, failure: reply.failure };
  const { date = null } = reply.headers;
  return { reached: true, date };
}
