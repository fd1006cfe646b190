import { describe, expect, it } from 'vitest';
import { buildPlan, planSummary } from '../../src/index.js';
import { expand, goodMedia, plan } from '../../testing/plan-from-text.js';
import { testCatalogue } from '../../testing/test-catalogue.js';

const LANGUAGES = ['de', 'fr', 'es', 'pt-BR', 'ja', 'ko', 'it', 'nl', 'pl', 'tr'];

function manifest(videos: number): string {
  const items = Array.from({ length: videos }, (_, index) => {
    const tracks = LANGUAGES.map((language) => `      ${language}: ./audio/${language}/v${index}.mp3`);
    return [`  - id: v${index}`, `    source: ./v${index}.mp4`, '    tracks:', ...tracks].join('\n');
  });
  return `version: 1\nbatch: b\ndefaults: { provider: [globex, acme] }\nvideos:\n${items.join('\n')}\n`;
}

/** Time of this process's own: what else the machine does is no part of it. */
function microsecondsFor(videos: number): number {
  const text = manifest(videos);
  const start = process.cpuUsage();
  const { plan: built } = plan(text);
  expect(planSummary(built, testCatalogue).total.jobs).toBe(videos * LANGUAGES.length);
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

describe('a large batch', () => {
  it('takes time in proportion to its size', () => {
    microsecondsFor(200);
    const [small, large] = [250, 2000].map((videos) => Math.min(microsecondsFor(videos), microsecondsFor(videos)));
    // Eight times the work; anything quadratic would be 64 times.
    expect((large ?? 0) / (small ?? 1)).toBeLessThan(30);
  }, 120_000);

  it('is planned the same when each video is let go, and none of them is kept', () => {
    const [{ expanded: kept }, { expanded: given }] = [expand(manifest(20)), expand(manifest(20))];
    const redos = new Map([['v3/de', [{ route: 'globex/dub', seed: null, preference: null }]]]);
    const options = { catalogue: testCatalogue, media: goodMedia(kept), redos };
    const whole = buildPlan(kept, options);
    expect(buildPlan(given, { ...options, letGo: true })).toEqual(whole);
    expect(whole.plan.jobs[30]?.redo).toEqual({ route: 'globex/dub', seed: null });
    expect([kept.videos.length, given.videos.length]).toEqual([20, 0]);
  });
});
