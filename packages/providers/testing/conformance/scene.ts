import { type CallContext, type ExchangeRecord, secret } from '@localize/core';
import { type Canned, type ScriptedServer, startScriptedServer } from '../scripted-server.js';
import type { ConformanceSubject, Replies } from './contract.js';

/** A server, a connection to it, and everything that was recorded on the way. */
export interface Scene {
  readonly subject: ConformanceSubject;
  readonly server: ScriptedServer;
  readonly records: ExchangeRecord[];
  context(overrides?: Partial<CallContext>): CallContext;
  /** The same as {@link context}, for a server elsewhere. */
  contextFor(base: string, overrides?: Partial<CallContext>): CallContext;
}

export async function openScene(subject: ConformanceSubject): Promise<Scene> {
  const server = await startScriptedServer();
  const records: ExchangeRecord[] = [];
  const contextFor = (base: string, overrides: Partial<CallContext> = {}): CallContext => ({
    connection: { hosts: subject.hosts(base), auth: subject.auth, key: secret(subject.key) },
    timeoutMs: 5000,
    onExchange: (record) => records.push(record),
    ...overrides,
  });
  return { subject, server, records, contextFor, context: (overrides) => contextFor(server.url, overrides) };
}

/** Serves replies by `METHOD /path`. */
export function serve(server: ScriptedServer, replies: Replies): void {
  server.answer((seen) => replies[`${seen.method} ${seen.url.split('?')[0]}`] ?? { status: 404, body: {} });
}

/** Serves one reply to everything. */
export function serveAlways(server: ScriptedServer, reply: Canned): void {
  server.answer(() => reply);
}
