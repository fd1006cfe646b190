import {
  type CallContext,
  type MediaUrls,
  orList,
  type PlannedJob,
  type ProviderSettings,
  type QuoteResult,
  type Route,
  type RouteChoice,
} from '@localize/core';
import { catalogue, providers } from '@localize/providers';
import type { LaneKey } from '@localize/runner';
import PQueue from 'p-queue';
import type { LoadedBatch } from '../batch/load-batch.js';
import type { PlanRow } from '../batch/plan-rows.js';
import { openSession, settingsInUse } from '../batch/session.js';
import { checkHosts } from '../keys/check-hosts.js';
import { collectKeys } from '../keys/collect-keys.js';
import type { Secrets } from '../keys/secrets.js';
import { type Asked, canQuote, compareQuotes, type PricedOffer, providerIn, type Quotes } from './compare-quotes.js';

/** Questions at once, and the most that are asked with a job's own media. */
const AT_ONCE = 4;
const MOST_JOBS = 200;

/** Where and as whom to ask. */
interface Desk {
  readonly plan: LoadedBatch['plan'];
  readonly keys: readonly LaneKey[];
  close(): Promise<void>;
}

/**
 * Asks the price lists of the providers that have one, for free, and sets their figures beside ours. Uploads nothing.
 * A provider that there is no key for gets no question.
 * @throws LocalizeError KEY_UNREADABLE, HOST_NOT_ALLOWED
 */
export async function askQuotes(batch: LoadedBatch, rows: readonly PlanRow[], signal: AbortSignal): Promise<Quotes> {
  const toBuy = rows.filter(({ buys, route }) => buys && route !== null);
  const offers = offersOf(toBuy);
  const questions = questionsFor(offers.filter(({ choice }) => canQuote(choice.route)));
  const unread = rows.filter(({ isLeftOut }) => isLeftOut).map(({ job }) => job.key);
  if (questions.length === 0) return compareQuotes(batch.plan, offers, [], unread);
  const desk = await openDesk(batch, questions);
  try {
    const queue = new PQueue({ concurrency: AT_ONCE });
    const asked = await queue.addAll(questions.map((question) => () => ask(desk, question, signal)));
    return compareQuotes(batch.plan, offers, asked, unread);
  } finally {
    await desk.close();
  }
}

interface Question {
  readonly route: Route;
  readonly choice: RouteChoice;
  readonly media: MediaUrls | null;
  readonly offers: readonly PricedOffer[];
}

/** The routes that are chosen first, then the runners-up: what they cost decides what `cheapest` takes. */
function offersOf(rows: readonly PlanRow[]): PricedOffer[] {
  const offers = rows.flatMap(({ job }) =>
    job.choices.map((choice, index): PricedOffer => ({ job, choice, isChosen: index === 0 })),
  );
  return [...offers.filter(({ isChosen }) => isChosen), ...offers.filter(({ isChosen }) => !isChosen)];
}

/** One for each job whose media is all behind URLs, where that matters, and one for each route and resolution of the others. */
function questionsFor(offers: readonly PricedOffer[]): Question[] {
  const questions = new Map<string, Question & { readonly offers: PricedOffer[] }>();
  let withMedia = 0;
  for (const offer of offers) {
    const { job, choice } = offer;
    const route = catalogue.routes.find(({ id }) => id === choice.route);
    if (route === undefined) continue;
    const knowsJobs = providers.get(choice.provider)?.quotesOf !== 'route';
    const media = knowsJobs && withMedia < MOST_JOBS ? mediaUrls(job) : null;
    if (media !== null) withMedia += 1;
    const name = `${route.id} ${media === null ? choice.input.resolution : job.key}`;
    const known = questions.get(name);
    if (known === undefined) questions.set(name, { route, choice, media, offers: [offer] });
    else known.offers.push(offer);
  }
  return [...questions.values()];
}

function mediaUrls({ video, voices, mask }: PlannedJob): MediaUrls | null {
  if (video.kind !== 'url' || (mask !== null && mask.kind !== 'url')) return null;
  if (voices.kind === 'one') {
    if (voices.audio.kind !== 'url') return null;
    return { video: video.url, voices: { kind: 'one', audio: voices.audio.url }, mask: mask?.url ?? null };
  }
  const { left, right, order } = voices;
  if (left.kind !== 'url' || right.kind !== 'url') return null;
  return {
    video: video.url,
    voices: { kind: 'two', left: left.url, right: right.url, order },
    mask: mask?.url ?? null,
  };
}

/** One key a provider is enough, and the emulator has its own. */
async function openDesk(batch: LoadedBatch, questions: readonly Question[]): Promise<Desk> {
  if (batch.plan.emulate) return openSession(batch);
  const asked = new Set(questions.map(({ choice }) => choice.provider));
  const settings = settingsInUse(batch.plan).filter(({ id }) => asked.has(id));
  checkHosts(settings, catalogue.providers, batch.allowHosts, batch.showPlaces);
  const keyed = settings.flatMap((each) => withFirstKey(each, batch.secrets));
  const keys = await collectKeys(keyed, batch.secrets, batch.showPlaces);
  return { plan: batch.plan, keys, close: async () => undefined };
}

/** The provider with the first of its keys that is set alone; nothing where none is. */
function withFirstKey(settings: ProviderSettings, secrets: Secrets): ProviderSettings[] {
  const first = settings.keys.find(({ variable }) => secrets.origin(variable) !== null);
  return first === undefined ? [] : [{ ...settings, keys: [first] }];
}

async function ask(desk: Desk, question: Question, signal: AbortSignal): Promise<Asked> {
  const { route, choice, offers } = question;
  const result = await answerTo(desk, question, signal);
  return { route: route.id, resolution: choice.input.resolution, offers, result };
}

async function answerTo(
  { plan, keys }: Desk,
  { route, choice, media }: Question,
  signal: AbortSignal,
): Promise<QuoteResult> {
  const provider = providers.get(providerIn(route.id));
  const settings = plan.providers[choice.provider];
  if (provider?.quote === undefined || settings === undefined) throw new Error(`${route.id} cannot quote`);
  const key = keys.find((each) => each.provider === choice.provider)?.key;
  if (key === undefined) return { state: 'unanswered', failure: { kind: 'auth', message: keylessWords(settings) } };
  const context: CallContext = { connection: { hosts: settings.hosts, auth: settings.auth, key }, signal };
  return provider.quote({ route, input: choice.input, media }, context);
}

function keylessWords({ keys }: ProviderSettings): string {
  const names = keys.map(({ variable }) => variable);
  return `${orList(names, 'and')} ${names.length === 1 ? 'is' : 'are'} not set`;
}
