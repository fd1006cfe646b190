import { type Catalogue, type Provider, secret } from '@localize/core';
import type { BatchFixture } from './batch-fixture.js';
import { scriptedRoute } from './scripted-provider.js';

/** A plan with a second provider that every job may go to, what to run it with, and what was bought there. */
export function withSecondProvider(batch: BatchFixture, languages: readonly string[]) {
  const globex = 'globex/lips';
  const catalogue: Catalogue = {
    routes: [scriptedRoute, { ...scriptedRoute, id: globex, provider: 'globex' }],
    providers: batch.scripted.catalogue.providers.flatMap((facts) => [facts, { ...facts, id: 'globex' }]),
  };
  const starts: string[] = [];
  const second: Provider = {
    ...batch.scripted.provider,
    id: 'globex',
    start: async () => {
      starts.push(globex);
      const id = `globex-${starts.length}`;
      return { outcome: 'accepted', predictionId: id, reference: { id }, costMicros: null };
    },
  };
  const plan = batch.plan(languages);
  const jobs = plan.jobs.map((job) => ({
    ...job,
    choices: job.choices.flatMap((choice) => [choice, { ...choice, route: globex, provider: 'globex' }]),
  }));
  const keys = ['acme', 'globex'].map((provider) => ({
    provider,
    variable: `${provider.toUpperCase()}_KEY`,
    account: null,
    key: secret(`${provider}-key`),
  }));
  const providers = new Map([
    ['acme', batch.scripted.provider],
    ['globex', second],
  ]);
  return {
    plan: { ...plan, jobs, providers: { ...plan.providers, globex: { ...plan.providers.acme!, id: 'globex' } } },
    overrides: { catalogue, keys, providers },
    starts,
  };
}
