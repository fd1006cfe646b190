import {
  type CallContext,
  type Connection,
  type ExchangeRecord,
  type IdentifyResult,
  type Provider,
  type ProviderSettings,
  providerSettings,
  type Route,
  type StatusResult,
} from '@localize/core';
import { catalogue, providers } from '@localize/providers';
import { type AttemptRow, keyHash, type LaneKey, type Store } from '@localize/runner';
import { checkHosts } from '../keys/check-hosts.js';
import { collectKeys } from '../keys/collect-keys.js';
import type { LoadedBatch } from './load-batch.js';
import { openSession, type Session } from './session.js';

/** Whom to ask about an attempt, and how. */
export interface Asked {
  readonly provider: Provider;
  readonly route: Route;
  readonly call: CallContext;
  /** Name of the key's variable. */
  readonly variable: string;
  /** Whether this is the key that made the attempt. */
  readonly isBuyer: boolean;
}

const ANSWER_WITHIN_MS = 30_000;

/** Lets a command ask providers about single attempts. */
export interface Questions {
  /**
   * Asks with one key after the other, the one that bought it first, until an answer is of the prediction.
   * @param about.onExchange told of each request with its reply
   * @param about.isOfKey whether an answer says nothing but that this key is not the one to ask with
   * @returns the first answer where each is of a key alone; `null` where none of the provider's keys is at hand
   * @throws LocalizeError HOST_NOT_ALLOWED, KEY_UNREADABLE
   */
  ask<T>(attempt: AttemptRow, question: Question<T>, about: AskedAbout<T>): Promise<T | null>;
  /**
   * One look at its prediction, with the next key where one is refused. That another key than the one that bought it does
   * not know it is no answer: it may be another account's.
   * @returns `null` where none of the provider's keys is at hand
   */
  status(attempt: AttemptRow, onExchange: OnExchange): Promise<StatusResult | null>;
  close(): Promise<void>;
}

type Question<T> = (asked: Asked) => Promise<T>;

interface AskedAbout<T> {
  readonly onExchange: OnExchange;
  readonly isOfKey: (answer: T, asked: Asked) => boolean;
}

type OnExchange = (record: ExchangeRecord) => void;

/** Needs no more than the keys of whom it asks. Emulated batches ask their emulator, which is started for the first question. */
export function openQuestions(batch: LoadedBatch, store: Pick<Store, 'salt'>): Questions {
  let session: Promise<Session> | null = null;
  const all = async (attempt: AttemptRow, onExchange: OnExchange): Promise<Asked[]> => {
    if (!batch.plan.emulate) return askedOf(store, attempt, onExchange, ...(await ownKeys(batch, attempt)));
    session ??= openSession(batch);
    const { plan, keys } = await session;
    return askedOf(store, attempt, onExchange, plan.providers[attempt.provider], keys);
  };
  return {
    ask: async (attempt, question, { onExchange, isOfKey }) =>
      inTurn(await all(attempt, onExchange), question, isOfKey),
    status: async (attempt, onExchange) => {
      const keys = attempt.reference === null ? [] : await all(attempt, onExchange);
      return inTurn(keys, (asked) => statusBy(asked, attempt), isKeyRefused);
    },
    close: async () => (await session)?.close(),
  };
}

async function inTurn<T>(
  keys: readonly Asked[],
  question: Question<T>,
  isOfKey: AskedAbout<T>['isOfKey'],
): Promise<T | null> {
  let first: T | null = null;
  for (const asked of keys) {
    const answer = await question(asked);
    if (!isOfKey(answer, asked)) return answer;
    first ??= answer;
  }
  return first;
}

async function statusBy(
  { provider, route, call, variable, isBuyer }: Asked,
  { reference }: AttemptRow,
): Promise<StatusResult> {
  const answer = await provider.status(route, reference ?? {}, call);
  if (answer.state !== 'vanished' || isBuyer) return answer;
  const message = `${variable} did not buy it and does not know it: ${answer.failure.message}`;
  return { state: 'unanswered', failure: { ...answer.failure, kind: 'auth', message } };
}

/** Whether nothing was said but that the key may not ask. */
export function isKeyRefused(answer: StatusResult | IdentifyResult): boolean {
  return answer.state === 'unanswered' && answer.failure.kind === 'auth';
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

/** With the key that bought it first, then those that have its name, then any other of the provider. */
function askedOf(
  store: Pick<Store, 'salt'>,
  { provider: id, route: routeId, laneDisplay, keyHash: boughtWith }: AttemptRow,
  onExchange: OnExchange,
  settings: ProviderSettings | undefined,
  keys: readonly LaneKey[],
): Asked[] {
  const provider = providers.get(id);
  const route = catalogue.routes.find((each) => each.id === routeId);
  if (!settings || !provider || !route) return [];
  const names = laneDisplay.split('+');
  const asked = keys
    .filter((key) => key.provider === id)
    .map(({ variable, key }): Asked => {
      const connection: Connection = { hosts: settings.hosts, auth: settings.auth, key };
      const call = { connection, timeoutMs: ANSWER_WITHIN_MS, onExchange };
      return { provider, route, call, variable, isBuyer: keyHash(store, key) === boughtWith };
    });
  const rank = ({ isBuyer, variable }: Asked) => (isBuyer ? 0 : names.includes(variable) ? 1 : 2);
  return asked.sort((one, other) => rank(one) - rank(other));
}
