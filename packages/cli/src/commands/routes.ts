import { EXIT, type ExitCode, formatUsd, type PriceFormula, type ProviderFacts, type Route } from '@localize/core';
import { catalogue } from '@localize/providers';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { formatDuration } from '../output/format-duration.js';
import { createPaint, wantsColor } from '../output/paint.js';

/** `localize routes`: what every route takes and costs, with where that is known from. */
export async function routes(context: CommandContext, options: SharedOptions): Promise<ExitCode> {
  if (options.json) {
    context.out.write(`${JSON.stringify(catalogue, null, 2)}\n`);
    return EXIT.ok;
  }
  const paint = createPaint(wantsColor(context, context.out, options.color));
  const blocks = catalogue.routes.map((route) => {
    const provider = catalogue.providers.find(({ id }) => id === route.provider);
    const facts = [...routeFacts(route), ...(provider ? providerFacts(provider) : [])];
    const lines = facts.map(([name, text]) => `  ${paint('dim', name.padEnd(12))}${text}`);
    return [`${paint('bold', route.id)}  ${route.title}`, ...lines].join('\n');
  });
  context.out.write(`${blocks.join('\n\n')}\n`);
  return EXIT.ok;
}

type Fact = readonly [name: string, text: string];

function routeFacts(route: Route): Fact[] {
  const { price, seed, frames, failedPrediction } = route;
  const sends = [
    `${route.prompt === 'required' ? 'a prompt (required)' : 'a prompt'}`,
    ...(route.mask ? ['a mask image'] : []),
    ...(seed ? [`a seed from ${seed.minimum} to ${seed.maximum}`] : []),
    ...Object.keys(route.options).map((name) => `options.${route.provider}.${name}`),
  ];
  return [
    ['price', `${priceWords(price)} (${price.source.text}, ${price.source.date})`],
    ['voices', route.voices === 1 ? 'one' : 'two'],
    ['resolution', route.resolutions ? route.resolutions.join(', ') : 'not a choice'],
    ['takes', sends.join(', ')],
    ['length', lengthWords(route, frames)],
    ['a failure', `${CHARGED[failedPrediction.charged]} (${failedPrediction.source.text})`],
    ...route.notes.map((note): Fact => ['note', note]),
  ];
}

const CHARGED = {
  no: 'is not charged',
  refunded: 'is refunded',
  unknown: 'may be charged: nobody has published it',
} as const;

function lengthWords(route: Route, frames: Route['frames']): string {
  if (frames) return `${frames.minimum} to ${frames.maximum} frames at ${frames.framesPerSecond} a second`;
  return route.maximumSeconds === null
    ? 'no page states a maximum'
    : `at most ${formatDuration(route.maximumSeconds * 1000)}`;
}

function priceWords(price: PriceFormula): string {
  switch (price.kind) {
    case 'unknown':
      return 'not published; set price: in the manifest';
    case 'floor':
      return `from $${formatUsd(price.micros)} a job`;
    case 'per-frame':
      return `$${formatUsd(price.microsPerSecond)} for each ${price.framesPerSecond} frames`;
    case 'per-second': {
      const rates = Object.entries(price.microsPerSecond).map(([resolution, micros]) =>
        resolution === 'any' ? `$${formatUsd(micros)}` : `$${formatUsd(micros)} at ${resolution}`,
      );
      return `${rates.join(', ')} a second, at least ${price.minimumSeconds} s`;
    }
  }
}

function providerFacts(provider: ProviderFacts): Fact[] {
  const { creates, perMs, concurrent, source } = provider.limits;
  const limits = `${creates} creates in ${formatDuration(perMs)}, ${concurrent} open`;
  return [
    ['limits', `${limits} (${source.kind === 'assumed' ? 'assumed: ' : ''}${source.text})`],
    ['key', provider.keyVariable],
  ];
}
