import { describe, expect, it } from 'vitest';
import { plan } from '../../testing/plan-from-text.js';
import { testCatalogue } from '../../testing/test-catalogue.js';

const head = 'version: 1\nbatch: b\n';
const video = 'videos:\n  - { id: a, source: ./a.mp4, tracks: { de: ./de.mp3 } }\n';

describe('estimates', () => {
  it('follow the chosen resolution, which is always sent', () => {
    const estimate = (resolution: string) => {
      const { plan: built } = plan(`${head}defaults: { provider: globex${resolution} }\n${video}`);
      return [built.jobs[0]?.choices[0]?.input.resolution, built.jobs[0]?.choices[0]?.estimate.micros];
    };
    expect(estimate('')).toEqual(['480p', 900_000]);
    expect(estimate(', resolution: 720p')).toEqual(['720p', 1_800_000]);
  });

  it('bill two voices by their order, whatever the finished length', () => {
    const micros = (order: string) => {
      const text = `${head}defaults: { provider: globex }\nvideos:\n  - { id: a, source: ./a.mp4, tracks: { de: { left_audio: ./l.wav, right_audio: ./r.wav, order: ${order}, duration: 25s, left_duration: 12s, right_duration: 9.5s } } }\n`;
      const job = plan(text).plan.jobs[0];
      return [job?.durationMs, job?.choices[0]?.estimate.micros];
    };
    expect(micros('left_right')).toEqual([25_000, 22 * 15_000]);
    expect(micros('meanwhile')).toEqual([25_000, 12 * 15_000]);
  });

  it('take the price of the manifest before the catalogue’s', () => {
    const micros = (price: string) => {
      const text = `${head}providers: { acme: { price: ${price} } }\ndefaults: { provider: acme, resolution: 720p }\n${video}`;
      return plan(text).plan.jobs[0]?.choices[0]?.estimate;
    };
    expect(micros('{ usd_per_second: 0.04, minimum_seconds: 45 }')).toEqual({
      micros: 1_800_000,
      certainty: 'exact',
      billedSeconds: 45,
    });
    expect(micros('{ usd_per_second: { 480p: 0.01, 720p: 0.02 } }')?.micros).toBe(600_000);
    expect(micros('{ usd_per_job: 0.17 }')).toMatchObject({ micros: 170_000, certainty: 'exact' });
    // Both: what a second costs, but for a job never less than that.
    expect(micros('{ usd_per_job: 0.5, usd_per_second: 0.01 }')).toMatchObject({ micros: 500_000, certainty: 'exact' });
    expect(micros('{ usd_per_job: 0.5, usd_per_second: 0.04 }')).toMatchObject({
      micros: 1_200_000,
      certainty: 'exact',
    });
  });
});

describe('a price in the manifest', () => {
  const priced = (provider: string, price: string) => {
    const two =
      '{ left_audio: ./l.wav, right_audio: ./r.wav, order: meanwhile, left_duration: 12s, right_duration: 9.5s }';
    const text = `${head}providers: { ${provider}: { price: ${price} } }\ndefaults: { resolution: 480p }\nvideos:\n  - { id: a, source: ./a.mp4, tracks: { de: ${two}, fr: { audio: ./fr.mp3, duration: 30s } } }\n`;
    const { jobs, warnings } = plan(text).plan;
    return { micros: jobs.map(({ choices: [choice] }) => choice?.estimate.micros), warnings };
  };

  it('by resolution leaves the catalogue’s to what has none of them, and says so', () => {
    const { micros, warnings } = priced('globex', '{ usd_per_second: { 480p: 0.02 } }');
    expect(micros).toEqual([12 * 15_000, 30 * 20_000]);
    expect(warnings).toContainEqual(
      expect.stringMatching(
        /^providers\.globex\.price does not fit globex\/\S+, since it has none of those resolutions: its price is \$0\.015 a second/,
      ),
    );
  });

  it('a second keeps the known minimum of a job, unless it names another', () => {
    const floor = testCatalogue.routes.map((route) =>
      route.id === 'acme/talk'
        ? { ...route, price: { ...route.price, kind: 'floor', micros: 170_000 } as const }
        : route,
    );
    const micros = (price: string) => {
      const text = `${head}providers: { acme: { price: ${price} } }\ndefaults: { provider: acme }\n${video}`;
      return plan(text, { catalogue: { ...testCatalogue, routes: floor } }).plan.jobs[0]?.choices[0]?.estimate;
    };
    expect(micros('{ usd_per_second: 0.001 }')).toMatchObject({ micros: 170_000, certainty: 'exact' });
    expect(micros('{ usd_per_second: 0.01 }')?.micros).toBe(300_000);
    expect(micros('{ usd_per_second: 0.001, usd_per_job: 0.01 }')?.micros).toBe(30_000);
  });

  it.each(['{}', '{ usd_per_second: {} }'])('that is empty sets none, and says so: %s', (price) => {
    const { plan: built } = plan(`${head}providers: { acme: { price: ${price} } }\n${video}`);
    expect(built.warnings).toContainEqual(
      expect.stringMatching('^providers.acme.price sets no price for acme/talk: its price is '),
    );
  });

  it('of a least number of seconds says where there is no price a second', () => {
    const { plan: built } = plan(`${head}providers: { acme: { price: { minimum_seconds: 10 } } }\n${video}`);
    const why = 'since it has no price a second to be the least of';
    expect(built.warnings).toContainEqual(
      expect.stringMatching(`^providers.acme.price does not fit acme/talk, ${why}`),
    );
  });

  it.each([
    [
      'globex',
      '{ usd_per_job: 0.5, minimum_seconds: 30 }',
      'providers.globex.price.minimum_seconds has no effect on globex/dub, whose price is for a job of any length',
    ],
    [
      'globex',
      '{ usd_per_second: { 480p: 0.02, 1080p: 0.2 } }',
      'providers.globex.price.usd_per_second.1080p has no effect: no route there makes 1080p',
    ],
    [
      'acme',
      '{ usd_per_second: { 720p: 0.02 } }',
      'providers.acme.price.usd_per_second leaves acme/talk without a price at 480p',
    ],
  ])('of %s says what of %s has no effect, or is left without one', (provider, price, said) => {
    const higher = testCatalogue.routes.map((route) =>
      route.provider === 'initech' ? { ...route, resolutions: ['480p', '1080p'] } : route,
    );
    const warnings = (text: string) =>
      plan(`${head}providers: { ${provider}: { price: ${text} } }\ndefaults: { provider: ${provider} }\n${video}`, {
        catalogue: { ...testCatalogue, routes: higher },
      }).plan.warnings;
    expect(warnings(price)).toContain(said);
    expect(warnings('{ usd_per_second: 0.03, minimum_seconds: 5, usd_per_job: 0.1 }').join()).not.toMatch(
      /effect|leaves/,
    );
  });
});
