import type { z } from 'zod';
import type { Catalogue, FrameRule, ProviderFacts } from '../provider/route.js';
import { durationField, formatDuration, usdField } from './fields/measure-fields.js';
import { nameField, variableField } from './fields/name-fields.js';
import { urlField } from './fields/place-fields.js';
import { integerField, wordField } from './fields/text-fields.js';
import type { KeyFields, ProviderFields } from './manifest.js';
import { either, list, mapping } from './schema-parts.js';
import { allResolutions } from './settings-schema.js';

/** `providers:` with a section for each provider of the catalogue, and in it what that provider has. */
export function providersSchema(catalogue: Catalogue) {
  const shape = Object.fromEntries(
    catalogue.providers.map((facts) => [facts.id, providerSchema(facts, catalogue).optional()]),
  );
  return mapping('settings by provider', shape).describe('Keys, hosts, limits and prices, by provider.');
}

function providerSchema(facts: ProviderFacts, catalogue: Catalogue): z.ZodType<ProviderFields> {
  const tiers = Object.keys(facts.tiers);
  const frames = catalogue.routes.flatMap((route) =>
    route.provider === facts.id && route.frames ? [route.frames] : [],
  );
  const shape: z.ZodRawShape = {
    keys: keysSchema(facts),
    ...hostFields(facts),
    auth: wordField(facts.auth).describe(`How the key is sent; ${facts.auth[0]} when not set.`).optional(),
    limits: limitsSchema(facts),
    price: priceSchema(catalogue),
    poll: pollSchema(),
    timeout: durationField().describe('An attempt that is open for longer is held.').optional(),
    ...(tiers.length > 0 ? { tier: tierField(tiers) } : {}),
    ...(frames.length > 0 ? { max_frames: framesField(frames) } : {}),
  };
  const schema = mapping(`settings of ${facts.title}`, shape).describe(`Settings of ${facts.title}.`);
  return schema as unknown as z.ZodType<ProviderFields>;
}

function tierField(tiers: readonly string[]) {
  return wordField(tiers).describe('The account’s tier, which decides its limits.').optional();
}

function framesField(rules: readonly FrameRule[]) {
  const minimum = Math.min(...rules.map((rule) => rule.minimum));
  const maximum = Math.max(...rules.map((rule) => rule.hardMaximum));
  return integerField(minimum, maximum).describe('The most frames to ask for in one video.').optional();
}

function keysSchema(facts: ProviderFacts) {
  const variable = variableField(facts.keyVariable);
  const long = mapping('a variable with its account, such as { env: KEY_2, account: main }', {
    env: variable.describe('Name of the environment variable.'),
    account: nameField('a name for the account').describe('Keys of one account share its limits.').optional(),
  }).transform(({ env, account }): KeyFields => ({ env, account: account ?? null }));
  const short = variable.transform((env): KeyFields => ({ env, account: null }));
  const expected = `the name of an environment variable, such as ${facts.keyVariable}`;
  const key = either(expected, [short, long]);
  const sharing =
    facts.keysAre === 'shared'
      ? 'Keys share one account unless said otherwise.'
      : 'Each key is an account of its own unless said otherwise.';
  return either(`${expected}, or a list of them`, [list(expected, key), key.transform((one) => [one])])
    .describe(
      `Names of the environment variables that hold the keys, never a key itself. ${sharing} Default: ${facts.keyVariable}.`,
    )
    .optional();
}

function hostFields(facts: ProviderFacts) {
  return Object.fromEntries(
    Object.entries(facts.hosts).map(([name, url]) => [name, urlField(url).describe(`Default: ${url}.`).optional()]),
  );
}

function limitsSchema(facts: ProviderFacts) {
  const { creates, perMs, concurrent } = facts.limits;
  return mapping('limits such as { creates: 10, per: 60s, concurrent: 2 }', {
    creates: integerField(1).describe(`Creates in any window. Default: ${creates}.`).optional(),
    per: durationField()
      .describe(`Length of the window. Default: ${formatDuration(perMs)}.`)
      .optional(),
    concurrent: integerField(1).describe(`Attempts that may be open at once. Default: ${concurrent}.`).optional(),
  })
    .describe('Limits of one account, in place of the known ones.')
    .optional();
}

/** Far beyond any price, and small enough to stay exact when it is multiplied. */
const MOST_USD = 1_000;

/** A day: longer than any job that a route takes. */
const MOST_SECONDS = 86_400;

function priceSchema(catalogue: Catalogue) {
  const resolutions = Object.fromEntries(
    allResolutions(catalogue).map((resolution) => [
      resolution,
      usdField({ maximumUsd: MOST_USD }).describe(`US dollars a second at ${resolution}.`).optional(),
    ]),
  );
  const rate = 'US dollars a second, or { 480p: 0.03, 720p: 0.06 }';
  return mapping('a price such as { usd_per_second: 0.04, minimum_seconds: 5 }', {
    usd_per_second: either(rate, [mapping(rate, resolutions), usdField({ maximumUsd: MOST_USD })])
      .describe(
        `Price: ${rate}. A resolution that it leaves out keeps its known price a second, and has none where the known price is of another kind.`,
      )
      .optional(),
    minimum_seconds: integerField(0, MOST_SECONDS).describe('The least number of seconds that is charged.').optional(),
    usd_per_job: usdField({ maximumUsd: MOST_USD })
      .describe(
        'This much for a job, whatever its length; at least this much where the provider’s reply states the price, and beside `usd_per_second` the minimum of what that comes to.',
      )
      .optional(),
  })
    .describe('What your account pays, in place of the known prices, on every route of the provider.')
    .optional();
}

function pollSchema() {
  return mapping('times such as { first: 20s, every: 5s }', {
    first: durationField()
      .describe(
        'How long after acceptance to look first. Default: when the route’s usual time, or what this run has seen of it, says so.',
      )
      .optional(),
    every: durationField()
      .describe('How long between two looks. Default: many around the usual end, few after it.')
      .optional(),
  })
    .describe('When to ask how far a prediction is. What is set here is kept to.')
    .optional();
}
