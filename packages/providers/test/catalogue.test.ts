import { billedMilliseconds, estimatePrice, type Route } from '@localize/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../src/catalogue/catalogue.js';

function route(id: string): Route {
  const found = catalogue.routes.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`no route ${id}`);
  return found;
}

function micros(id: string, seconds: number, resolution: string | null = null) {
  return estimatePrice(route(id).price, { billedMs: Math.round(seconds * 1000), resolution, frames: null }).micros;
}

describe('the catalogue', () => {
  it('has the five routes of the design, each of a provider that it lists', () => {
    expect(catalogue.routes.map((entry) => entry.id)).toEqual([
      'vibedream/infinitetalk-fast',
      'eachlabs/infinitalk',
      'wavespeed/infinitetalk',
      'wavespeed/infinitetalk-fast-multi',
      'fal/infinitalk',
    ]);
    const providers = new Set(catalogue.providers.map((entry) => entry.id));
    for (const entry of catalogue.routes) {
      expect(providers).toContain(entry.provider);
      expect(entry.id.startsWith(`${entry.provider}/`)).toBe(true);
    }
  });

  it('names its source with a date for every price, limit and rule', () => {
    const sources = [
      ...catalogue.providers.map((entry) => entry.limits.source),
      ...catalogue.routes.flatMap((entry) => [
        entry.price.source,
        entry.failedPrediction.source,
        entry.usual.source,
        entry.poll.source,
      ]),
    ];
    for (const entry of sources) {
      expect(entry.text).not.toBe('');
      expect(entry.date).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
  });

  it('has the hosts, default limits and key variables of the design', () => {
    const facts = Object.fromEntries(catalogue.providers.map((entry) => [entry.id, entry]));
    expect(facts.vibedream?.hosts).toEqual({ base_url: 'https://api.vibedream.ai/api/v1' });
    expect(facts.eachlabs?.hosts).toEqual({ base_url: 'https://api.eachlabs.ai/v1' });
    expect(facts.wavespeed?.hosts).toEqual({ base_url: 'https://api.wavespeed.ai/api/v3' });
    expect(facts.fal?.hosts).toEqual({
      base_url: 'https://queue.fal.run',
      upload_url: 'https://rest.fal.ai',
      platform_url: 'https://api.fal.ai/v1',
    });
    expect(facts.vibedream?.limits).toMatchObject({ creates: 10, perMs: 60_000, concurrent: 2 });
    expect(facts.eachlabs?.limits).toMatchObject({ creates: 100, perMs: 60_000, concurrent: 10 });
    expect(facts.wavespeed?.limits).toMatchObject({ creates: 5, perMs: 60_000, concurrent: 3 });
    expect(facts.fal?.limits).toMatchObject({ creates: 10, perMs: 1000, concurrent: 10 });
    expect(catalogue.providers.map((entry) => entry.keyVariable)).toEqual([
      'VIBEDREAM_API_KEY',
      'EACHLABS_API_KEY',
      'WAVESPEED_API_KEY',
      'FAL_KEY',
    ]);
  });

  it('lets a key go to each of its default hosts', () => {
    for (const provider of catalogue.providers) {
      for (const url of Object.values(provider.hosts)) {
        expect(url).not.toMatch(/\/$/);
        expect(provider.ownHosts).toContain(new URL(url).hostname);
      }
    }
  });

  it('waits at least as long as a clip of the greatest length may take', () => {
    for (const entry of catalogue.routes) {
      const longest = entry.maximumSeconds ?? 60;
      const usualMs = (entry.usual.fixedSeconds + entry.usual.secondsPerSecond * longest) * 1000;
      expect(entry.timeoutMs).toBeGreaterThan(usualMs);
    }
  });
});

describe('prices', () => {
  it.each([
    [5, 75_000],
    [10, 150_000],
    [30, 450_000],
    [60, 900_000],
    [600, 9_000_000],
  ])('of wavespeed/infinitetalk-fast-multi agree with its page for %d s', (seconds, expected) => {
    expect(micros('wavespeed/infinitetalk-fast-multi', seconds)).toBe(expected);
  });

  it.each([
    ['480p', 5, 150_000],
    ['720p', 5, 300_000],
    ['480p', 1, 150_000],
    ['480p', 5.001, 180_000],
    ['720p', 31.2, 1_920_000],
    ['720p', 600, 36_000_000],
  ])('of wavespeed/infinitetalk at %s for %d s follow its billing rules', (resolution, seconds, expected) => {
    expect(micros('wavespeed/infinitetalk', seconds, resolution)).toBe(expected);
  });

  it('bill two voices in turn by their sum and at once by the longer', () => {
    const billed = (order: 'meanwhile' | 'left_right') => billedMilliseconds(order, 12_000, 9500) / 1000;
    expect(micros('wavespeed/infinitetalk-fast-multi', billed('left_right'))).toBe(22 * 15_000);
    expect(micros('wavespeed/infinitetalk-fast-multi', billed('meanwhile'))).toBe(12 * 15_000);
  });

  it('of fal/infinitalk follow its frames, with a quarter more above 81', () => {
    const { price } = route('fal/infinitalk');
    const of = (frames: number) => estimatePrice(price, { billedMs: null, resolution: '480p', frames }).micros;
    expect(of(81)).toBe(972_000);
    expect(of(82)).toBe(1_230_000);
    expect(of(145)).toBe(2_175_000);
  });

  it('of VibeDream are a floor and of Eachlabs unknown', () => {
    const priced = { billedMs: 30_000, resolution: null, frames: null };
    expect(estimatePrice(route('vibedream/infinitetalk-fast').price, priced)).toMatchObject({
      micros: 170_000,
      certainty: 'floor',
    });
    expect(estimatePrice(route('eachlabs/infinitalk').price, priced)).toMatchObject({
      micros: null,
      certainty: 'unknown',
    });
  });

  it('never fall when a clip gets longer, and never lie below the minimum', () => {
    const seconds = fc.integer({ min: 1, max: 600_000 });
    fc.assert(
      fc.property(seconds, seconds, fc.constantFrom('480p', '720p'), (a, b, resolution) => {
        const of = (ms: number) => micros('wavespeed/infinitetalk', ms / 1000, resolution) ?? 0;
        expect(of(Math.max(a, b))).toBeGreaterThanOrEqual(of(Math.min(a, b)));
        expect(of(a)).toBeGreaterThanOrEqual(of(5000));
      }),
    );
  });
});
