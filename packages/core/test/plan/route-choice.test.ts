import { describe, expect, it } from 'vitest';
import { usedProviders } from '../../src/index.js';
import { factsFor, plan, problems } from '../../testing/plan-from-text.js';
import { testCatalogue } from '../../testing/test-catalogue.js';

const head = 'version: 1\nbatch: b\n';
const video = 'videos:\n  - { id: a, source: ./a.mp4, tracks: { de: ./de.mp3 } }\n';

function routes(text: string, media = {}) {
  const { plan: built } = plan(text, { media });
  return built.jobs.map((job) => job.choices.map((choice) => choice.route));
}

function reasons(text: string, media = {}) {
  return plan(text, { media }).plan.jobs[0]?.ineligible;
}

describe('the choice of routes', () => {
  it('lets a provider stand for its routes with as many voices as the track has', () => {
    const text = `${head}defaults: { provider: globex }\nvideos:\n  - id: a\n    source: ./a.mp4\n    tracks:
      de: ./de.mp3
      ja: { left_audio: ./l.wav, right_audio: ./r.wav }
`;
    expect(routes(text)).toEqual([['globex/dub'], ['globex/duet']]);
  });

  it('keeps the order of preference, and lets the nearest setting win', () => {
    const text = `${head}defaults: { provider: [acme, globex], prompt: Hi }\nvideos:\n  - id: a\n    source: ./a.mp4\n    provider: [globex, acme]\n    tracks:
      de: ./de.mp3
      fr: { audio: ./fr.mp3, provider: acme/talk }
`;
    expect(routes(text)).toEqual([['globex/dub', 'acme/talk'], ['acme/talk']]);
  });

  it('takes every configured provider when nothing else is said', () => {
    expect(routes(`${head}providers: { globex: {} }\n${video}`)).toEqual([['globex/dub']]);
  });

  it('sorts by estimate for `cheapest`, unknown prices last and said', () => {
    const text = `${head}defaults: { provider: cheapest, prompt: Hi, resolution: 720p }\nvideos:\n  - { id: a, source: ./a.mp4, tracks: { de: { audio: ./de.mp3, duration: 5s } } }\n`;
    expect(routes(text)).toEqual([['globex/dub', 'initech/speak', 'acme/talk']]);
    expect(plan(text).plan.warnings).toContain(
      'acme/talk has no known price, so `cheapest` takes it last: set providers.acme.price',
    );
    const priced = `${head}providers: { acme: { price: { usd_per_second: 0.01 } }, globex: {}, initech: {} }\n${text.slice(head.length)}`;
    expect(routes(priced)).toEqual([['acme/talk', 'globex/dub', 'initech/speak']]);
  });

  it('says what `cheapest` leaves out since `providers` does not name it, where that would cost less', () => {
    const cheapest = `defaults: { provider: cheapest, prompt: Hi, resolution: 720p }\nvideos:\n  - { id: a, source: ./a.mp4, tracks: { de: { audio: ./de.mp3, duration: 5s } } }\n`;
    const text = (providers: string) => `${head}${providers}${cheapest}`;
    const said = (providers: string) => plan(text(providers)).plan.warnings.join('\n');
    expect(routes(text('providers: { initech: {} }\n'))).toEqual([['initech/speak']]);
    expect(said('providers: { initech: {} }\n')).toContain(
      'globex/dub would cost less for some jobs: `globex: {}` there lets it be taken',
    );
    expect(said('providers: { initech: {}, globex: {} }\n')).not.toContain('lets it be taken');
    expect(said('providers: { globex: {} }\n')).not.toContain('lets it be taken');
    expect(said('')).not.toContain('lets it be taken');
  });

  it('does not send a default that a route cannot express, and says so once a route', () => {
    const text = `${head}defaults: { provider: [globex/duet, initech], prompt: Hi, resolution: 720p, seed: 5000, options: { initech: { speed: fast } } }\nvideos:
  - { id: a, source: ./a.mp4, tracks: { de: { left_audio: ./l.wav, right_audio: ./r.wav }, ja: { left_audio: ./l.wav, right_audio: ./r.wav } } }
  - { id: b, source: ./b.mp4, tracks: { de: { audio: ./de.mp3, duration: 4s, provider: initech } } }
`;
    const { plan: built } = plan(text);
    expect(built.jobs[0]?.choices[0]?.input).toEqual({
      prompt: 'Hi',
      seed: 5000,
      resolution: null,
      frames: null,
      options: {},
    });
    expect(built.jobs[2]?.choices[0]?.input).toEqual({
      prompt: 'Hi',
      seed: null,
      resolution: '720p',
      frames: 100,
      options: { speed: 'fast', polish: false },
    });
    expect(built.warnings.filter((warning) => warning.includes('not sent'))).toEqual([
      'globex/duet has no resolution setting: the default is not sent to it',
      'initech/speak takes a seed from 0 to 1000, not 5000: the default is not sent to it',
    ]);
  });

  it('rules a route out for what is set on a video or track itself', () => {
    const text = `${head}defaults: { provider: [initech, globex] }\nvideos:\n  - { id: a, source: ./a.mp4, mask_image: ./m.png, seed: 5000, tracks: { de: { audio: ./de.mp3, options: { initech: { speed: slow } } } } }\n`;
    expect(reasons(text)).toEqual([
      {
        route: 'initech/speak',
        reason:
          'takes no mask_image and takes a seed from 0 to 1000, not 5000 and needs a prompt and makes at most 145 frames (max_frames), not the 750 of 30 s',
        mends: [
          'no `mask_image`',
          'a seed up to 1000',
          'a prompt',
          'a track of at most 28.8 s with `providers.initech.max_frames: 721`',
        ],
      },
    ]);
  });

  it('buys frames for the length of the track, within what the route makes', () => {
    const frames = (duration: string, settings = '') => {
      const text = `${head}defaults: { provider: initech, prompt: Hi }\n${settings}videos:\n  - { id: a, source: ./a.mp4, tracks: { de: { audio: ./de.mp3, duration: ${duration} } } }\n`;
      return plan(text).plan.jobs[0]?.choices[0]?.input.frames;
    };
    expect(frames('1s')).toBe(81);
    expect(frames('4001ms')).toBe(101);
    expect(frames('5.8s')).toBe(145);
    expect(frames('5.801s')).toBeUndefined();
    expect(frames('20s', 'providers: { initech: { max_frames: 600 } }\n')).toBe(500);
  });

  it('holds to the longest length and to the containers that a route takes', () => {
    const text = `${head}defaults: { provider: [globex, acme] }\n${video.replace('de.mp3', 'de.ogg')}`;
    const media = { 'de.ogg': { facts: factsFor('audio', 601_000, 'ogg') } };
    expect(reasons(text, media)).toEqual([
      { route: 'globex/dub', reason: 'makes at most 10 min, not 10 min 1 s', mends: ['a track of at most 10 min'] },
      {
        route: 'acme/talk',
        reason: 'takes audio as mp3 or wav, not ogg',
        mends: ['the audio as mp3: ffmpeg -i in.ogg out.mp3'],
      },
    ]);
  });

  it('takes an M4A for one where AAC is in it, and names what else is', () => {
    const text = `${head}defaults: { provider: acme }\n${video.replace('de.mp3', 'de.m4a')}`;
    const reasonOf = (codec: string) => {
      const facts = factsFor('audio', 5_000, 'm4a');
      return reasons(text, { 'de.m4a': { facts: { ...facts, audio: { ...facts.audio!, codec } } } });
    };
    expect(reasonOf('aac')).toMatchObject([{ reason: 'takes audio as mp3 or wav, not m4a' }]);
    const mends = ['the audio as mp3: ffmpeg -i in.m4a out.mp3'];
    expect(reasonOf('opus')).toMatchObject([{ reason: 'takes audio as mp3 or wav, not m4a (opus)', mends }]);
  });

  it('names a length that is too long by less than a second exactly', () => {
    const text = `${head}defaults: { provider: globex }\n${video}`;
    const media = { 'de.mp3': { facts: factsFor('audio', 600_001) } };
    expect(reasons(text, media)).toMatchObject([{ reason: 'makes at most 10 min, not 600.001 s' }]);
  });

  it('takes two voices for as long as they speak, and bills no second beyond the longest length', () => {
    const duet = (left: string, right: string) => {
      const voices = `left_audio: ./l.wav, right_audio: ./r.wav, left_duration: ${left}, right_duration: ${right}`;
      const text = `${head}defaults: { provider: globex }\nvideos:\n  - { id: a, source: ./a.mp4, tracks: { de: { ${voices}, order: left_right, duration: 599s } } }\n`;
      const job = plan(text).plan.jobs[0];
      return job?.choices[0]?.estimate ?? job?.ineligible[0]?.reason;
    };
    // 300 s and 301 s when each is rounded up.
    expect(duet('299.5s', '300.2s')).toEqual({ micros: 600 * 15_000, certainty: 'exact', billedSeconds: 600 });
    expect(duet('400s', '400s')).toBe('makes at most 10 min, not 13 min 20 s');
  });

  it('rounds a length up to the millisecond, so that no price is too low', () => {
    const billed = (duration: string) => {
      const text = `${head}defaults: { provider: globex }\n${video.replace('./de.mp3', `{ audio: ./de.mp3, duration: ${duration} }`)}`;
      return plan(text).plan.jobs[0]?.choices[0]?.estimate.billedSeconds;
    };
    expect([billed('10s'), billed('10.0004s'), billed('10.0000000001s'), billed('0.2m')]).toEqual([10, 11, 11, 12]);
  });

  it('takes no file that is larger than what the provider’s own upload takes, unless it goes another way', () => {
    const providers = testCatalogue.providers.map((facts) =>
      facts.id === 'acme' ? { ...facts, upload: { maximumBytes: 100_000_000, keptMs: null } } : facts,
    );
    const catalogue = { ...testCatalogue, providers };
    const text = `${head}defaults: { provider: [acme, globex], prompt: Hi }\n${video}`;
    const made = (bytes: number, written = text) => {
      const media = { 'a.mp4': { facts: { ...factsFor('video'), file: { bytes, times: '1 1' } } } };
      const [job] = plan(written, { media, catalogue }).plan.jobs;
      return { routes: job?.choices.map(({ route }) => route), ineligible: job?.ineligible };
    };
    const both = { routes: ['acme/talk', 'globex/dub'], ineligible: [] };
    expect(made(100_000_000)).toEqual(both);
    const mends = ['a `staging` bucket, or https URLs'];
    const reason = (than: string) => `takes uploads of at most 100 MB, and a.mp4 ${than}`;
    const without = (than: string) => ({
      routes: ['globex/dub'],
      ineligible: [{ route: 'acme/talk', reason: reason(than), mends }],
    });
    expect(made(100_000_001)).toEqual(without('is 1 byte larger'));
    expect(made(121_000_000)).toEqual(without('has 121 MB'));
    const staged = `staging: { s3: { bucket: b, endpoint: 'https://s3.test', region: eu-1 } }\n`;
    expect(made(121_000_000, text.replace('videos:', `${staged}videos:`))).toEqual(both);
    expect(made(121_000_000, text.replace('./a.mp4', 'https://media.test/a.mp4'))).toEqual(both);
  });

  it('signs URLs that outlive every attempt that gets them, and says so where less was asked for', () => {
    const built = (settings: string, source = './a.mp4', timeout = '45m') => {
      const bucket = `{ bucket: b, endpoint: 'https://s3.test', region: eu-1${settings} }`;
      const tracks = source.startsWith('http') ? `{ de: 'https://media.test/de.mp3' }` : '{ de: ./de.mp3 }';
      const text = `${head}defaults: { provider: globex }\nproviders: { globex: { timeout: ${timeout} } }\nstaging: { s3: ${bucket} }\nvideos: [{ id: a, source: '${source}', tracks: ${tracks} }]\n`;
      const { staging, warnings } = plan(text).plan;
      return { life: staging?.presignMs, said: warnings.filter((warning) => warning.includes('presign')) };
    };
    const minute = 60_000;
    expect(built('')).toEqual({ life: 24 * 60 * minute, said: [] });
    expect(built(', presign: 55m')).toEqual({ life: 55 * minute, said: [] });
    expect(built(', presign: 1m')).toEqual({
      life: 55 * minute,
      said: [
        'staging.s3.presign is 1m, but an attempt on globex/dub may last 45m (its timeout): URLs are signed for 55m',
      ],
    });
    expect(built(', presign: 90m', './a.mp4', '6h').said).toEqual([
      'staging.s3.presign is 90m, but an attempt on globex/dub may last 6h (its timeout): URLs are signed for 6h 10m',
    ]);
    // Nothing is signed.
    expect(built(', presign: 1m, public_base_url: https://cdn.test')).toEqual({ life: minute, said: [] });
    expect(built(', presign: 1m', 'https://media.test/a.mp4')).toEqual({ life: minute, said: [] });
  });

  it('refuses silence, and a file that is not what its name says', () => {
    const text = `${head}${video}`;
    const silent = { ...factsFor('audio'), silent: true };
    const issues = (facts: object) => plan(text, { media: { 'de.mp3': { facts } as never } }).issues;
    expect(issues(silent)).toMatchObject([
      { code: 'MEDIA', message: './de.mp3 is silent from its beginning to its end' },
    ]);
    expect(issues({ ...silent, silent: null })).toEqual([]);
    const unheard = plan(text, { media: { 'de.mp3': { facts: { ...silent, silent: null } } as never } }).plan.warnings;
    expect(unheard).toEqual(['1 audio file (aac) cannot be decoded here, so nobody checked for silence']);
    const behindUrl = `${head}videos: [{ id: a, source: ./a.mp4, tracks: { de: { audio: 'https://media.test/de.mp3', duration: 30s } } }]\n`;
    expect(plan(behindUrl).plan.warnings).toContain(
      '1 audio file behind URLs: nobody checked for silence (their length is given, or too much of them is silent)',
    );
    expect(issues(factsFor('audio', 30_000, 'wav'))).toMatchObject([
      { code: 'MEDIA', message: './de.mp3 is wav inside, whatever its name says' },
    ]);
  });

  it('lists each route’s reason where no route fits', () => {
    const text = `${head}defaults: { provider: [initech, globex/duet] }\n${video}`;
    expect(problems(text)).toMatchInlineSnapshot(`
      "manifest.yaml:5:41: no route can make a/de: initech/speak needs a prompt and makes at most 145 frames (max_frames), not the 750 of 30 s; globex/duet takes two voices, not one (a prompt, a track of at most 28.8 s with \`providers.initech.max_frames: 721\`, a route for one voice or another provider) [NO_ROUTE]
        5 |   - { id: a, source: ./a.mp4, tracks: { de: ./de.mp3 } }
          |                                         ^^

      1 mistake"
    `);
  });

  it('names only the providers that some job may go to', () => {
    const { plan: built } = plan(
      `${head}providers: { acme: {}, globex: {} }\ndefaults: { provider: globex }\n${video}`,
    );
    expect(usedProviders(built)).toEqual(['globex']);
    expect(Object.keys(built.providers)).toEqual(['acme', 'globex']);
  });
});
