import { describe, expect, it } from 'vitest';
import { planSummary } from '../../src/index.js';
import { plan } from '../../testing/plan-from-text.js';
import { testCatalogue } from '../../testing/test-catalogue.js';

function summary(text: string) {
  return planSummary(plan(`version: 1\nbatch: b\n${text}`).plan, testCatalogue);
}

function videos(count: number, provider: string, duration = '10s'): string {
  const items = Array.from(
    { length: count },
    (_, index) =>
      `  - { id: v${index}, source: ./v.mp4, provider: ${provider}, tracks: { de: { audio: ./a.mp3, duration: ${duration} } } }`,
  );
  return `videos:\n${items.join('\n')}\n`;
}

describe('the summary of a plan', () => {
  it('adds up by provider, route, language, video and label', () => {
    const { total, byProvider, byRoute, byLanguage, byVideo, byLabel, impossible } = summary(`labels: { course: x }
videos:
  - { id: a, source: ./a.mp4, provider: globex, tracks: { de: { audio: ./a.mp3, duration: 10s }, fr: { audio: ./b.mp3, duration: 20s } } }
  - { id: b, source: ./b.mp4, provider: acme, labels: { course: y }, tracks: { de: { audio: ./c.mp3, duration: 10s } } }
`);
    expect(total).toEqual({ name: 'total', jobs: 3, estimatedMicros: 900_000, unpricedJobs: 1, minimumJobs: 0 });
    expect(byProvider.map(({ name, jobs, estimatedMicros }) => [name, jobs, estimatedMicros])).toEqual([
      ['globex', 2, 900_000],
      ['acme', 1, 0],
    ]);
    expect(byRoute.map(({ name }) => name)).toEqual(['globex/dub', 'acme/talk']);
    expect(byLanguage.map(({ name, estimatedMicros, unpricedJobs }) => [name, estimatedMicros, unpricedJobs])).toEqual([
      ['de', 300_000, 1],
      ['fr', 600_000, 0],
    ]);
    expect(byVideo.map(({ name, jobs }) => [name, jobs])).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
    expect(byLabel.map(({ name, jobs }) => [name, jobs])).toEqual([
      ['course=x', 2],
      ['course=y', 1],
    ]);
    expect(impossible).toEqual([]);
  });
});

describe('the forecast', () => {
  // A job of 10 s takes its usual 10 s + 2 s a second = 30 s.
  const seconds = (text: string) => summary(text).forecast.milliseconds / 1000;

  it('is one job’s usual time where all can start at once', () => {
    expect(seconds(videos(3, 'globex'))).toBe(30);
  });

  it('waits for free slots', () => {
    expect(seconds(`providers: { acme: { limits: { concurrent: 2 } } }\n${videos(5, 'acme')}`)).toBe(90);
  });

  it('waits for the window', () => {
    expect(
      seconds(`providers: { globex: { limits: { creates: 2, per: 60s, concurrent: 100 } } }\n${videos(5, 'globex')}`),
    ).toBe(150);
  });

  it('uses every lane, where keys are accounts of their own', () => {
    const lanes = (keys: string, provider: string) =>
      seconds(`providers: { ${provider}: { keys: ${keys}, limits: { concurrent: 1 } } }\n${videos(4, provider)}`);
    expect(lanes('[A, B]', 'acme')).toBe(60);
    expect(lanes('[A, B]', 'globex')).toBe(120);
    expect(lanes('[{ env: A, account: x }, { env: B, account: y }]', 'globex')).toBe(60);
  });

  it('lets providers run side by side, and names what is only assumed', () => {
    const { forecast } = summary(
      `${videos(2, 'globex')}  - { id: z, source: ./v.mp4, provider: acme, tracks: { de: { audio: ./a.mp3, duration: 100s } } }\n`,
    );
    expect(forecast.milliseconds).toBe(210_000);
    expect(forecast.assumed).toEqual(['acme/talk']);
  });
});
