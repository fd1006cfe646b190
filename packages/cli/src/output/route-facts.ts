import { formatUsd, type PriceFormula, type ProviderFacts, type Route } from '@localize/core';
import { formatDuration } from './format-duration.js';

/** What is known of a route or a provider, for people. */
export type Fact = readonly [name: string, text: string];

export function routeFacts(route: Route): Fact[] {
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

export const CHARGED = {
  no: 'is not charged',
  refunded: 'is refunded',
  unknown: 'may be charged: nobody has published it',
} as const;

export function lengthWords(route: Route, frames: Route['frames']): string {
  if (frames) return `${frames.minimum} to ${frames.maximum} frames at ${frames.framesPerSecond} a second`;
  return route.maximumSeconds === null
    ? 'no page states a maximum'
    : `at most ${formatDuration(route.maximumSeconds * 1000)}`;
}

export function priceWords(price: PriceFormula): string {
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

export function providerFacts(provider: ProviderFacts): Fact[] {
  const { creates, perMs, concurrent, source } = provider.limits;
  const limits = `${creates} creates in ${formatDuration(perMs)}, ${concurrent} open`;
  return [
    ['limits', `${limits} (${source.kind === 'assumed' ? 'assumed: ' : ''}${source.text})`],
    ['key', provider.keyVariable],
  ];
}
