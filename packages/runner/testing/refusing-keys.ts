import { type CallContext, type Failure, type Provider, secret } from '@localize/core';
import type { LaneKey } from '../src/index.js';
import type { BatchFixture } from './batch-fixture.js';

export const acmeKey = (variable: string, account: string | null, value = `secret of ${variable}`): LaneKey => ({
  provider: 'acme',
  variable,
  account,
  key: secret(value),
});

/** The provider, with keys that it does not take any more; who asked for what is told. */
export function refusingKeys(
  { scripted: { provider } }: BatchFixture,
  refused: ReadonlySet<string>,
  outcome: 'refused' | 'unsent' = 'refused',
) {
  const failure: Failure = { kind: 'auth', message: 'Unauthorized', httpStatus: 401 };
  const asked: string[] = [];
  const isRefused = (what: string, call: CallContext) => {
    const value = call.connection.key.reveal().replace('secret of ', '');
    asked.push(`${what} ${value}${refused.has(value) ? ' 401' : ''}`);
    return refused.has(value);
  };
  const keyed: Provider = {
    ...provider,
    start: async (request, call) => (isRefused('create', call) ? { outcome, failure } : provider.start(request, call)),
    status: async (route, reference, call) =>
      isRefused(`poll ${reference.id}`, call)
        ? { state: 'unanswered', failure }
        : provider.status(route, reference, call),
  };
  return { providers: new Map([['acme', keyed]]), asked };
}
