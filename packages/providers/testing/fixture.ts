import { readFileSync } from 'node:fs';
import type { Json, ProviderId } from '@localize/core';

/** A body as the provider's page or documentation shows it. */
export function fixture<T = Record<string, Json>>(provider: ProviderId, name: string): T {
  return JSON.parse(readFileSync(new URL(`../src/${provider}/__fixtures__/${name}.json`, import.meta.url), 'utf8'));
}
