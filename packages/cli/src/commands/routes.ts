import {
  type Catalogue,
  EXIT,
  type ExitCode,
  type LimitSource,
  type Plan,
  type ProviderFacts,
  type ProviderSettings,
} from '@localize/core';
import { catalogue } from '@localize/providers';
import { withLimitsSet } from '../batch/limits-set.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { limitSourceWords } from '../output/limit-source-words.js';
import { createPaint, wantsColor } from '../output/paint.js';
import { type KeyedFacts, providerFacts, routeFacts } from '../output/route-facts.js';
import { openBatch } from './open-batch.js';

/**
 * `localize routes`: what every route takes and costs, with where that is known from. With a manifest, the prices,
 * limits and keys are those that it sets, and limits those of `localize limits` where that has set any.
 */
export async function routes(
  context: CommandContext,
  manifest: string | undefined,
  options: SharedOptions,
): Promise<ExitCode> {
  const batch = manifest === undefined ? null : await openBatch(context, manifest, options);
  const shown = batch === null ? catalogue : withOwnSettings(withLimitsSet(batch.plan, batch.location.path));
  if (options.json) {
    context.out.write(`${JSON.stringify(shown, null, 2)}\n`);
    return EXIT.ok;
  }
  const paint = createPaint(wantsColor(context, context.out, options.color));
  const blocks = shown.routes.map((route) => {
    const provider = shown.providers.find(({ id }) => id === route.provider);
    const facts = [...routeFacts(route), ...(provider ? providerFacts(provider) : [])];
    const lines = facts.map(([name, text]) => `  ${paint('dim', name.padEnd(12))}${text}`);
    return [`${paint('bold', route.id)}  ${route.title}`, ...lines].join('\n');
  });
  context.out.write(`${blocks.join('\n\n')}\n`);
  return EXIT.ok;
}

/** The catalogue with what a manifest sets in its place. */
function withOwnSettings({ prices, providers }: Plan): Catalogue {
  return {
    routes: catalogue.routes.map((route) => ({ ...route, price: prices[route.id] ?? route.price })),
    providers: catalogue.providers.map((facts) => {
      const settings = providers[facts.id];
      return settings === undefined ? facts : { ...facts, ...ownLimits(settings), ...ownKeys(settings) };
    }),
  };
}

function ownLimits({ limits, limitsFrom }: ProviderSettings): Partial<ProviderFacts> {
  const set = Object.values(limitsFrom).filter((from) => !KNOWN_LIMITS.has(from));
  if (set.length === 0) return {};
  const kind = set.includes('command') ? 'command' : set.every(isOwn) ? 'own-settings' : 'manifest';
  return { limits: { ...limits, source: { kind, text: limitSourceWords(limitsFrom), date: '' } } };
}

/** The variables that its keys are read from; `keyVariable` is the first of them. */
function ownKeys({ keys }: ProviderSettings): Partial<KeyedFacts> {
  const [first, ...more] = keys.map(({ variable }) => variable);
  if (first === undefined) return {};
  return { keyVariable: first, ...(more.length > 0 && { keyVariables: [first, ...more] }) };
}

const KNOWN_LIMITS = new Set<string>(['default', 'assumed']);
function isOwn(from: LimitSource): boolean {
  return from.startsWith('own ');
}
