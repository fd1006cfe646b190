import { type CallContext, type ExchangeRecord, type FindQuery, type StartRequest, secret } from '@localize/core';
import type { ScriptedServer } from './scripted-server.js';

/** When the tests' lost create was sent, and when its reply was given up. */
const SENT_AT_MS = Date.parse('2026-08-21T10:00:00Z');

export function findQuery(request: StartRequest): FindQuery {
  return { request, sentAtMs: SENT_AT_MS, givenUpAtMs: SENT_AT_MS + 60_000 };
}

/** A context whose hosts all lie on one server, each below a path of its own. */
export function contextOn(
  server: ScriptedServer,
  hosts: Readonly<Record<string, string>>,
  auth: string,
  records: ExchangeRecord[] = [],
): CallContext {
  const full = Object.fromEntries(Object.entries(hosts).map(([name, path]) => [name, server.url + path]));
  return {
    connection: { hosts: full, auth, key: secret('key-0123456789') },
    timeoutMs: 5000,
    onExchange: (record) => records.push(record),
  };
}
