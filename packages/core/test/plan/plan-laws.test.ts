import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { estimatePrice, type PlannedJob } from '../../src/index.js';
import { plan } from '../../testing/plan-from-text.js';
import { testCatalogue } from '../../testing/test-catalogue.js';

const settings = fc.record(
  {
    provider: fc.uniqueArray(fc.constantFrom('acme', 'globex', 'initech', 'globex/duet', 'cheapest'), { minLength: 1 }),
    resolution: fc.constantFrom('480p', '720p'),
    prompt: fc.constantFrom('Hi', 'A speaker'),
    seed: fc.integer({ min: -1, max: 3000 }),
    options: fc.record({ initech: fc.record({ speed: fc.constantFrom('slow', 'fast') }) }),
  },
  { requiredKeys: [] },
);
const seconds = fc.integer({ min: 1, max: 700_000 }).map((value) => `${value}ms`);
const voices = fc.oneof(
  fc.record({ audio: fc.constant('./a.mp3'), duration: seconds }),
  fc.record({
    left_audio: fc.constant('./l.wav'),
    right_audio: fc.constant('./r.wav'),
    left_duration: seconds,
    right_duration: seconds,
    order: fc.constantFrom('meanwhile', 'left_right'),
  }),
);
const track = fc.tuple(voices, settings).map(([audio, own]) => ({ ...audio, ...own }));
const manifest = fc
  .record({ defaults: settings, video: settings, masked: fc.boolean(), de: track, fr: track })
  .map(({ defaults, video, masked, de, fr }) => ({
    version: 1,
    batch: 'b',
    defaults,
    videos: [
      { id: 'a', source: './a.mp4', ...(masked ? { mask_image: './m.png' } : {}), ...video, tracks: { de, fr } },
    ],
  }));

function checkJob(job: PlannedJob, cheapest: boolean): void {
  const routes = job.choices.map((choice) => choice.route);
  expect(new Set(routes).size).toBe(routes.length);
  for (const refused of job.ineligible) expect(routes).not.toContain(refused.route);
  for (const { route: id, input, estimate } of job.choices) {
    const route = testCatalogue.routes.find((candidate) => candidate.id === id);
    if (route === undefined) throw new Error(`${id} is in no catalogue`);
    expect(route.voices).toBe(job.voices.kind === 'one' ? 1 : 2);
    expect(route.mask || job.mask === null).toBe(true);
    expect(route.prompt === 'optional' || input.prompt !== null).toBe(true);
    expect(
      route.resolutions === null ? input.resolution === null : route.resolutions.includes(input.resolution ?? ''),
    ).toBe(true);
    if (input.seed !== null) {
      expect(input.seed).toBeGreaterThanOrEqual(route.seed?.minimum ?? Number.POSITIVE_INFINITY);
      expect(input.seed).toBeLessThanOrEqual(route.seed?.maximum ?? Number.NEGATIVE_INFINITY);
    }
    expect(Object.keys(input.options).sort()).toEqual(Object.keys(route.options).sort());
    if (route.frames === null) expect(input.frames).toBeNull();
    else {
      expect(input.frames).toBeGreaterThanOrEqual(route.frames.minimum);
      expect(input.frames).toBeLessThanOrEqual(route.frames.maximum);
      expect((input.frames ?? 0) * 40).toBeGreaterThanOrEqual(job.durationMs ?? 0);
    }
    const most = route.maximumSeconds ?? Number.POSITIVE_INFINITY;
    expect((job.durationMs ?? 0) / 1000).toBeLessThanOrEqual(most);
    expect(estimate.billedSeconds ?? 0).toBeLessThanOrEqual(most);
    if (route.price.kind === 'per-frame') {
      expect(estimate).toEqual(estimatePrice(route.price, { billedMs: null, resolution: null, frames: input.frames }));
    }
  }
  if (cheapest) {
    const exact = job.choices
      .filter((choice) => choice.estimate.certainty === 'exact')
      .map((choice) => choice.estimate.micros ?? 0);
    expect(exact).toEqual([...exact].sort((a, b) => a - b));
  }
}

describe('a plan', () => {
  it('never chooses a route for what that route cannot do, whatever the settings', () => {
    fc.assert(
      fc.property(manifest, (values) => {
        const { plan: built, issues } = plan(stringify(values, { aliasDuplicateObjects: false }));
        expect(built.jobs.map((job) => job.key)).toEqual(['a/de', 'a/fr']);
        for (const job of built.jobs) {
          const [video] = values.videos;
          const own = job.language === 'de' ? video?.tracks.de : video?.tracks.fr;
          const preference = own?.provider ?? video?.provider ?? values.defaults.provider;
          checkJob(job, preference?.join() === 'cheapest');
        }
        expect(issues.length > 0).toBe(built.jobs.some((job) => job.choices.length === 0));
      }),
      { numRuns: 300 },
    );
  });
});
