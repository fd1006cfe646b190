import {
  type CallContext,
  type Connection,
  type ExchangeRecord,
  type Provider,
  type ProviderSettings,
  providerSettings,
  type Route,
} from '@localize/core';
import { catalogue, providers } from '@localize/providers';
import type { AttemptRow, LaneKey } from '@localize/runner';
import { checkHosts } from '../keys/check-hosts.js';
import { collectKeys } from '../keys/collect-keys.js';
import type { LoadedBatch } from './load-batch.js';
import { openSession, type Session } from './session.js';

/** Whom to ask about an attempt, and how. */
export interface Asked {
  readonly provider: Provider;
  readonly route: Route;
  readonly call: CallContext;
}

const ANSWER_WITHIN_MS = 30_000;

/** Lets a command ask providers about single attempts. */
export interface Questions {
  /**
   * @param onExchange told of each request with its reply
   * @returns `null` where none of the provider's keys is at hand
   * @throws LocalizeError HOST_NOT_ALLOWED, KEY_UNREADABLE
   */
  about(attempt: AttemptRow, onExchange: OnExchange): Promise<Asked | null>;
  close(): Promise<void>;
}

type OnExchange = (record: ExchangeRecord) => void;

/** Needs no more than the keys of whom it asks. Emulated batches ask their emulator, which is started for the first question. */
export function openQuestions(batch: LoadedBatch): Questions {
  if (!batch.plan.emulate) {
    return {
      about: async (attempt, onExchange) => askedOf(attempt, onExchange, ...(await ownKeys(batch, attempt))),
      close: async () => undefined,
    };
  }
  let session: Promise<Session> | null = null;
  return {
    about: async (attempt, onExchange) => {
      session ??= openSession(batch);
      const { plan, keys } = await session;
      return askedOf(attempt, onExchange, plan.providers[attempt.provider], keys);
    },
    close: async () => (await session)?.close(),
  };
}

async function ownKeys(batch: LoadedBatch, { provider }: AttemptRow): Promise<[ProviderSettings, LaneKey[]]> {
  const { plan, secrets, allowHosts, showPlaces } = batch;
  const facts = catalogue.providers.find(({ id }) => id === provider);
  if (facts === undefined) throw new Error(`the catalogue has no provider ${provider}`);
  const settings = plan.providers[provider] ?? providerSettings(facts);
  checkHosts([settings], catalogue.providers, allowHosts, showPlaces);
  const keys = settings.keys.filter(({ variable }) => secrets.origin(variable) !== null);
  return [settings, await collectKeys([{ ...settings, keys }], secrets, showPlaces)];
}

/** With the key that bought it, by its name, else with any other of the provider. */
function askedOf(
  { provider: id, route: routeId, laneDisplay }: AttemptRow,
  onExchange: OnExchange,
  settings: ProviderSettings | undefined,
  keys: readonly LaneKey[],
): Asked | null {
  const own = keys.filter((key) => key.provider === id);
  const names = laneDisplay.split('+');
  const key = own.find(({ variable }) => names.includes(variable)) ?? own[0];
  const provider = providers.get(id);
  const route = catalogue.routes.find((each) => each.id === routeId);
  if (!key || !settings || !provider || !route) return null;
  const connection: Connection = { hosts: settings.hosts, auth: settings.auth, key: key.key };
  return { provider, route, call: { connection, timeoutMs: ANSWER_WITHIN_MS, onExchange } };
}
