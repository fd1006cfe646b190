import { describe, expect, it } from 'vitest';
import { billOf, buildPlan, usedProviders } from '../../src/index.js';
import { expand, factsFor, goodMedia, plan, printed } from '../../testing/plan-from-text.js';
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

function problems(text: string, media = {}) {
  const { issues, warnings } = plan(text, { media });
  return printed([...issues, ...warnings], text);
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
        mends: ['no `mask_image`', 'a seed up to 1000', 'a prompt', 'a track of at most 28.8 s with `max_frames: 721`'],
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
    const built = (settings: string, source = './a.mp4') => {
      const bucket = `{ bucket: b, endpoint: 'https://s3.test', region: eu-1${settings} }`;
      const tracks = source.startsWith('http') ? `{ de: 'https://media.test/de.mp3' }` : '{ de: ./de.mp3 }';
      const text = `${head}defaults: { provider: globex }\nproviders: { globex: { timeout: 45m } }\nstaging: { s3: ${bucket} }\nvideos: [{ id: a, source: '${source}', tracks: ${tracks} }]\n`;
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
      "manifest.yaml:5:41: no route can make a/de: initech/speak needs a prompt and makes at most 145 frames (max_frames), not the 750 of 30 s; globex/duet takes two voices, not one (a prompt, a track of at most 28.8 s with \`max_frames: 721\`, a route for one voice or another provider) [NO_ROUTE]
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

  it('of a least number of seconds says where there is no price a second', () => {
    const { plan: built } = plan(`${head}providers: { acme: { price: { minimum_seconds: 10 } } }\n${video}`);
    const why = 'since it has no price a second to be the least of';
    expect(built.warnings).toContainEqual(
      expect.stringMatching(`^providers.acme.price does not fit acme/talk, ${why}`),
    );
  });
});

describe('media', () => {
  it('is looked at where the manifest does not state a length, and always on disk', () => {
    const text = `${head}defaults: { provider: globex }\nvideos:\n  - { id: a, source: 'https://cdn.test/a.mp4', duration: 3s, tracks: { de: 'https://cdn.test/de.mp3', fr: { audio: ./fr.mp3, duration: 3s }, es: { audio: 'https://cdn.test/es.mp3', duration: 3s } } }\n`;
    const { expanded } = expand(text);
    expect([...goodMedia(expanded).keys()]).toEqual(['audio https://cdn.test/de.mp3', 'audio /project/fr.mp3']);
  });

  it('says what is wrong with a file once, where it stands', () => {
    const text = `${head}defaults: { provider: globex }\nvideos:
  - { id: a, source: ./a.mp4, mask_image: ./m.png, tracks: { de: ./de.mp3, fr: ./fr.mp3 } }
  - { id: c, source: ./c.mp4, tracks: { de: ./empty.mp3, fr: ./fr.mp3 } }
`;
    const media = {
      'a.mp4': { error: { code: 'MEDIA_MISSING', message: 'a.mp4 is missing' } },
      'c.mp4': { facts: factsFor('audio') },
      'empty.mp3': { facts: factsFor('audio', 0) },
      'fr.mp3': { error: { code: 'MEDIA_UNREADABLE', message: './fr.mp3 is no media file' } },
    };
    expect(problems(text, media)).toMatchInlineSnapshot(`
      "manifest.yaml:5:22: ./a.mp4 is not there (a file; looked at /project/a.mp4) [FILE_MISSING]
        5 |   - { id: a, source: ./a.mp4, mask_image: ./m.png, tracks: { de: ./de.mp3, fr: ./fr.mp3 } }
          |                      ^^^^^^^

      manifest.yaml:5:80: ./fr.mp3 is no media file [MEDIA]
        5 |   - { id: a, source: ./a.mp4, mask_image: ./m.png, tracks: { de: ./de.mp3, fr: ./fr.mp3 } }
          |                                                                                ^^^^^^^^

      manifest.yaml:6:22: ./c.mp4 has no picture (a video) [MEDIA]
        6 |   - { id: c, source: ./c.mp4, tracks: { de: ./empty.mp3, fr: ./fr.mp3 } }
          |                      ^^^^^^^

      manifest.yaml:6:45: ./empty.mp3 is 0 s long (audio with a length) [MEDIA]
        6 |   - { id: c, source: ./c.mp4, tracks: { de: ./empty.mp3, fr: ./fr.mp3 } }
          |                                             ^^^^^^^^^^^

      manifest.yaml:6:62: ./fr.mp3 is no media file [MEDIA]
        6 |   - { id: c, source: ./c.mp4, tracks: { de: ./empty.mp3, fr: ./fr.mp3 } }
          |                                                              ^^^^^^^^

      5 mistakes"
    `);
    const { plan: built } = plan(text, { media });
    expect(built.jobs.map((job) => job.choices.length)).toEqual([0, 0, 0, 0]);
  });

  it('trusts a stated length, and foretells the bill of a track that is longer or shorter', () => {
    const text = `${head}defaults: { provider: globex/dub }
videos:
  - { id: a, source: ./a.mp4, tracks: { de: { audio: ./de.mp3, duration: 5s }, fr: { audio: ./fr.mp3, duration: 12s } } }
`;
    const facts = factsFor('audio', 9_000);
    const { plan: built } = plan(text, { media: { 'de.mp3': { facts }, 'fr.mp3': { facts } } });
    const seconds = built.jobs.map(({ choices: [choice] }) => [choice?.estimate, choice && billOf(choice)]);
    expect(seconds.map((each) => each.map((estimate) => estimate?.billedSeconds))).toEqual([
      [5, 9],
      [12, 9],
    ]);
    expect(built.jobs).toMatchObject([
      { durationMs: 5_000, heardMs: 9_000 },
      { durationMs: 12_000, heardMs: 9_000 },
    ]);
    expect(built.warnings.filter((warning) => warning.includes('stated'))).toEqual([
      './de.mp3 of a/de is 9 s long, and its duration is stated as 5 s: it is planned as stated, but a provider bills what it measures, and so does the budget',
      './fr.mp3 of a/fr is 9 s long, and its duration is stated as 12 s: it is planned as stated, but a provider bills what it measures, and so does the budget',
    ]);
  });

  it('warns of subtitles that go on after their track', () => {
    const track = (seconds: number) => `{ audio: ./${seconds}.mp3, duration: ${seconds}s, subtitles: ./de.vtt }`;
    const text = `${head}defaults: { provider: globex }\nvideos:\n  - { id: a, source: ./a.mp4, duration: 30s, tracks: { de: ${track(30)}, fr: ${track(29)} } }\n`;
    const media = { 'de.vtt': { facts: factsFor('subtitles', 30_400) } };
    const said = plan(text, { media }).plan.warnings.filter((warning) => warning.includes('subtitles'));
    expect(said).toEqual(['the subtitles of a/fr go on to 30.4 s, and its track ends at 29 s']);
  });

  it('warns of a track that is much longer or shorter than its video', () => {
    const text = `${head}defaults: { provider: globex }\nvideos:\n  - { id: a, source: ./a.mp4, duration: 30s, tracks: { de: { audio: ./de.mp3, duration: 33s }, fr: { audio: ./fr.mp3, duration: 33.1s }, es: { audio: ./es.mp3, duration: 20s } } }\n`;
    const media = {
      'de.mp3': { facts: factsFor('audio', 33_000) },
      'fr.mp3': { facts: factsFor('audio', 33_100) },
      'es.mp3': { facts: factsFor('audio', 20_000) },
    };
    expect(problems(text, media)).toMatchInlineSnapshot(`
      "manifest.yaml:5:96: warning: the track of a/fr is 33.1 s, longer than its video of 30 s [LENGTH_DIFFERS]
        5 |   - { id: a, source: ./a.mp4, duration: 30s, tracks: { de: { audio: ./de.mp3, duration: 33s }, fr: { audio: ./…
          |                                                                                                ^^

      manifest.yaml:5:138: warning: the track of a/es is 20 s, shorter than its video of 30 s [LENGTH_DIFFERS]
        5 | … duration: 33.1s }, es: { audio: ./es.mp3, duration: 20s } } }
          |                      ^^

      2 warnings"
    `);
    expect(plan(text, { media }).plan.warnings).toEqual([
      'the track of a/fr is 33.1 s, longer than its video of 30 s',
      'the track of a/es is 20 s, shorter than its video of 30 s',
    ]);
  });
});

describe('the rest of the plan', () => {
  it('names outputs by the template and the user’s spelling, and keeps the manifest’s order', () => {
    const text = `${head}output: { dir: ./out, name: '{lang}/{video}.mp4' }\ndefaults: { provider: globex }\nvideos:\n  - { id: a, source: ./a.mp4, tracks: { PT-br: ./pt.mp3, de: ./de.mp3 } }\n`;
    const { plan: built } = plan(text);
    expect(built.outputDir).toBe('/project/out');
    expect(built.jobs.map(({ key, language, output, position }) => [key, language, output, position])).toEqual([
      ['a/pt-BR', 'pt-BR', 'PT-br/a.mp4', 0],
      ['a/de', 'de', 'de/a.mp4', 1],
    ]);
  });

  it('lets jobs of a higher priority go first', () => {
    const text = `${head}defaults: { provider: globex }\nvideos:\n  - { id: a, source: ./a.mp4, tracks: { de: ./de.mp3, fr: { audio: ./fr.mp3, priority: -1 } } }\n  - { id: b, source: ./b.mp4, priority: 5, tracks: { de: ./de.mp3 } }\n`;
    expect(plan(text).plan.jobs.map(({ key, position }) => [key, position])).toEqual([
      ['b/de', 0],
      ['a/de', 1],
      ['a/fr', 2],
    ]);
  });

  it('keeps long Unicode ids apart, and leaves room for what is written beside an output', () => {
    const ids = ['甲', '乙'].map((end) => `${'序章'.repeat(50)}${end}`);
    const text = `${head}defaults: { provider: globex }\noutput: { name: "{video}/{video}-{video}-{lang}.mp4" }\nvideos:\n${ids
      .map((id) => `  - { id: ${id}, source: ./a.mp4, tracks: { de: ./de.mp3 } }\n`)
      .join('')}`;
    const outputs = plan(text).plan.jobs.map(({ output }) => output);
    expect(new Set(outputs).size).toBe(2);
    for (const segment of outputs.flatMap((output) => output.split('/'))) {
      expect(new TextEncoder().encode(segment).length).toBeLessThanOrEqual(200);
    }
    expect(outputs.every((output) => output.endsWith('.mp4'))).toBe(true);
  });

  it('says when two jobs would write one file', () => {
    const text = `${head}output: { name: '{lang}.mp4' }\ndefaults: { provider: globex }\nvideos:\n  - { id: a, source: ./a.mp4, tracks: { de: ./de.mp3 } }\n  - { id: b, source: ./b.mp4, tracks: { DE: ./de.mp3 } }\n`;
    expect(problems(text)).toMatchInlineSnapshot(`
      "manifest.yaml:7:41: b/de and a/de would both be written to DE.mp4 (an output.name that tells them apart, such as {video}/{video}.{lang}.mp4) [OUTPUT_CLASH]
        7 |   - { id: b, source: ./b.mp4, tracks: { DE: ./de.mp3 } }
          |                                         ^^

      1 mistake"
    `);
  });

  it('merges labels, the nearest last', () => {
    const text = `${head}labels: { course: a, team: x }\ndefaults: { provider: globex }\nvideos:\n  - { id: a, source: ./a.mp4, labels: { course: b }, tracks: { de: { audio: ./de.mp3, labels: { take: 2 } } } }\n`;
    expect(plan(text).plan.jobs[0]?.labels).toEqual({ course: 'b', team: 'x', take: '2' });
  });

  it('fills in what the manifest leaves to the catalogue', () => {
    const text = `${head}providers:
  globex: { tier: silver, limits: { concurrent: 7 }, keys: [A, { env: B, account: main }], base_url: 'http://127.0.0.1:9/', poll: { first: 20s }, timeout: 45m }
  acme: {}
defaults: { provider: globex }
budget: { max_usd: 250, per_day_usd: '99.99', margin: 12.5% }
on_uncertain: absent
emulate: true
${video}`;
    const { plan: built } = plan(text);
    expect(built).toMatchObject({
      emulate: true,
      onUncertain: 'absent',
      failoverOnRejection: false,
      budget: {
        caps: [
          { name: 'budget.max_usd', scope: { kind: 'all' }, period: 'batch', micros: 250_000_000 },
          { name: 'budget.per_day_usd', scope: { kind: 'all' }, period: 'day', micros: 99_990_000 },
        ],
        marginPercent: 12.5,
        confirmAboveMicros: 10_000_000,
      },
    });
    expect(built.providers.globex).toEqual({
      id: 'globex',
      keys: [
        // All keys of globex draw on one account, unless one is said to be another's.
        { variable: 'A', account: 'shared' },
        { variable: 'B', account: 'main' },
      ],
      hosts: { base_url: 'http://127.0.0.1:9' },
      auth: 'bearer',
      limits: { creates: 60, perMs: 60_000, concurrent: 7 },
      limitsFrom: { creates: 'tier silver', perMs: 'tier silver', concurrent: 'manifest' },
      poll: { firstMs: 20_000, everyMs: null },
      timeoutMs: 2_700_000,
    });
    expect(built.providers.acme).toMatchObject({
      keys: [{ variable: 'ACME_API_KEY', account: null }],
      auth: 'x-api-key',
      limitsFrom: { creates: 'assumed', perMs: 'assumed', concurrent: 'assumed' },
    });
  });

  it('says nothing of assets that nobody looked at', () => {
    const text = `${head}defaults: { provider: globex }\n${video}`;
    const { plan: built, issues } = buildPlan(expand(text).expanded, { catalogue: testCatalogue, media: new Map() });
    expect(issues).toEqual([]);
    expect(built.jobs[0]).toMatchObject({
      durationMs: null,
      choices: [{ route: 'globex/dub', estimate: { micros: null } }],
    });
  });
});

describe('folders and long lists', () => {
  it('keeps outputs out of the folders of reports and replaced outputs', () => {
    const text = `${head}defaults: { provider: globex }\nvideos:\n  - { id: Report, source: ./a.mp4, tracks: { de: ./de.mp3 } }\n`;
    expect(problems(text)).toMatchInlineSnapshot(`
      "manifest.yaml:5:46: Report/de would be written to Report/Report.de.mp4, and the folder Report is kept for other files (another id or another output.name) [OUTPUT_CLASH]
        5 |   - { id: Report, source: ./a.mp4, tracks: { de: ./de.mp3 } }
          |                                              ^^

      1 mistake"
    `);
  });

  it('counts length differences instead of naming hundreds', () => {
    const items = Array.from(
      { length: 30 },
      (_, index) => `  - { id: v${index}, source: ./a.mp4, duration: 5s, tracks: { de: ./de.mp3 } }`,
    );
    const built = plan(`${head}defaults: { provider: globex }\nvideos:\n${items.join('\n')}\n`);
    expect(built.warnings).toHaveLength(30);
    expect(built.plan.warnings).toHaveLength(11);
    expect(built.plan.warnings.at(-1)).toBe('20 more tracks differ from their videos in length by much');
  });

  it('names a few of the jobs that no route makes for the same reasons, and counts the rest', () => {
    const items = Array.from(
      { length: 30 },
      (_, index) => `  - { id: v${index}, source: ./a.mp4, tracks: { de: ./de.mp3 } }`,
    );
    const { issues } = plan(`${head}defaults: { provider: globex/duet }\nvideos:\n${items.join('\n')}\n`);
    expect(issues.map((issue) => `${issue.line} ${issue.message}`)).toEqual([
      '5 no route can make v0/de: globex/duet takes two voices, not one',
      '6 no route can make v1/de: globex/duet takes two voices, not one',
      '7 no route can make v2/de: globex/duet takes two voices, not one',
      '8 no route can make v3/de and 26 more jobs, for the same reasons',
    ]);
  });
});
