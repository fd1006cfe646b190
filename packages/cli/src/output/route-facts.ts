import { durationWords, type ProviderFacts, priceWords, type Route, type Source } from '@localize/core';

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
    ['price', `${priceWords(price)} (${sourceWords(price.source)})`],
    ['voices', route.voices === 1 ? 'one' : 'two'],
    ['resolution', route.resolutions ? route.resolutions.join(', ') : 'not a choice'],
    ['takes', sends.join(', ')],
    ['length', lengthWords(route, frames)],
    ['a failure', `${chargedWords(failedPrediction)} (${sourceWords(failedPrediction.source)})`],
    ...route.notes.map((note): Fact => ['note', note]),
  ];
}

const CHARGED = {
  no: 'is not charged',
  refunded: 'is refunded',
  unknown: 'may be charged: nobody has published it',
} as const;

/** What a failed prediction costs, after "it". */
export function chargedWords({ charged, exceptFor }: Route['failedPrediction']): string {
  if (exceptFor === undefined) return CHARGED[charged];
  return `is not charged for ${exceptFor}; any other ${CHARGED[charged]}`;
}

export function lengthWords(route: Route, frames: Route['frames']): string {
  if (frames) return `${frames.minimum} to ${frames.maximum} frames at ${frames.framesPerSecond} a second`;
  return route.maximumSeconds === null
    ? 'no page states a maximum'
    : `at most ${durationWords(route.maximumSeconds * 1000)}`;
}

function sourceWords({ kind, text, date }: Source): string {
  const shown = date === '' ? text : `${text}, ${date}`;
  return kind === 'assumed' ? `assumed: ${shown}` : shown;
}

/** With the variables of its keys where a manifest names several. */
export type KeyedFacts = ProviderFacts & { readonly keyVariables?: readonly string[] };

export function providerFacts(provider: KeyedFacts): Fact[] {
  const { creates, perMs, concurrent, source } = provider.limits;
  const limits = `${creates} creates in ${durationWords(perMs)}, ${concurrent} open`;
  return [
    ['limits', `${limits} (${sourceWords(source)})`],
    ['key', (provider.keyVariables ?? [provider.keyVariable]).join(', ')],
  ];
}
