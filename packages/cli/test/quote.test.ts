import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { folderWith, localize } from './support/cli.js';
import { serveProviders } from './support/manifests.js';

const KEYS = {
  EACHLABS_API_KEY: 'sesame-each-4711',
  WAVESPEED_API_KEY: 'sesame-wave-4712',
  FAL_KEY: 'sesame-fal-4713',
};

describe('localize plan --quote', { timeout: 60_000 }, () => {
  test('sets our prices beside theirs, names every drift and what cannot be known, and buys nothing', async () => {
    const folder = folderWith({}, { media: true });
    const { wavespeed, fal, eachlabs } = await serveProviders(folder);
    const manifest = (price: string) => `version: 1
batch: quoted
defaults: { prompt: A presenter }
providers:
  wavespeed: { base_url: ${wavespeed.baseUrl}, price: { usd_per_second: ${price} } }
  fal: { base_url: ${fal.baseUrl}, upload_url: ${fal.uploadUrl}, platform_url: ${fal.platformUrl}, max_frames: 721 }
  eachlabs: { base_url: ${eachlabs.baseUrl} }
videos:
  - id: safety
    source: ./media/safety.mp4
    tracks:
      de: { audio: ./media/audio/de/safety.mp3, provider: wavespeed }
      fr: { audio: ./media/audio/fr/safety.mp3, provider: fal }
      ja: { audio: ./media/audio/ja/safety.mp3, provider: eachlabs }
`;
    const write = (price: string) => writeFileSync(join(folder, 'manifest.yaml'), manifest(price));
    write('{ 480p: 0.03, 720p: 0.06 }');
    const same = await localize(folder, ['plan', '--quote'], KEYS);
    expect(same.exit).toBe(0);
    const quotes = same.stdout.slice(same.stdout.indexOf('Quotes'));
    expect(quotes).toMatchInlineSnapshot(`
      "Quotes: our prices beside the providers’
        wavespeed/infinitetalk  the least that a job costs at 480p  ours $0.15  theirs $0.15  the same
        fal/infinitalk          a second at 480p                    ours $0.30  theirs $0.30  the same
        not known: fal/infinitalk has 1 job compared by rate alone: its price list knows no jobs
        not known: wavespeed/infinitetalk’s rate a second, for 1 job: asked without URLs of the media, its price list says only the least that one costs
        not known: eachlabs/infinitalk has jobs without a known price: set providers.eachlabs.price
        not known: eachlabs/infinitalk: its provider quotes no prices
      "
    `);

    write('0.02');
    const drifted = JSON.parse((await localize(folder, ['plan', '--quote', '--json'], KEYS)).stdout);
    expect(drifted.quotes.compared[0]).toEqual({
      route: 'wavespeed/infinitetalk',
      chosen: true,
      what: 'the least that a job costs at 480p',
      ours_usd: '0.10',
      theirs_usd: '0.15',
      drift_usd: '0.05',
    });
    expect((await localize(folder, ['plan', '--quote'], KEYS)).stdout).toContain('DRIFT: theirs is $0.05 more');
  });

  test('asks for the runners-up of `cheapest` too, and says of which nothing can be known', async () => {
    const folder = folderWith({}, { media: true });
    const { wavespeed, fal, eachlabs } = await serveProviders(folder);
    writeFileSync(
      join(folder, 'manifest.yaml'),
      `version: 1
batch: cheapest
defaults: { prompt: A presenter, provider: cheapest, resolution: 480p }
providers:
  wavespeed: { base_url: ${wavespeed.baseUrl}, price: { usd_per_second: 0.02 } }
  fal: { base_url: ${fal.baseUrl}, upload_url: ${fal.uploadUrl}, platform_url: ${fal.platformUrl}, max_frames: 721 }
  eachlabs: { base_url: ${eachlabs.baseUrl} }
videos:
  - id: safety
    source: ./media/safety.mp4
    tracks: { de: ./media/audio/de/safety.mp3, fr: ./media/audio/fr/safety.mp3 }
`,
    );
    const { exit, stdout } = await localize(folder, ['plan', '--quote', '--json'], KEYS);
    expect(exit).toBe(0);
    const { quotes, jobs } = JSON.parse(stdout);
    expect(jobs.map(({ route }: { route: string }) => route)).toEqual(Array(2).fill('wavespeed/infinitetalk'));
    expect(quotes.compared).toMatchObject([
      { route: 'wavespeed/infinitetalk', chosen: true, drift_usd: '0.05' },
      { route: 'fal/infinitalk', chosen: false, what: 'a second at 480p', drift_usd: '0.00' },
    ]);
    expect(quotes.unknown).toEqual(
      expect.arrayContaining([
        'fal/infinitalk has 2 jobs compared by rate alone: its price list knows no jobs',
        'eachlabs/infinitalk has jobs without a known price: set providers.eachlabs.price',
        'eachlabs/infinitalk: its provider quotes no prices',
      ]),
    );
    expect((await localize(folder, ['plan', '--quote'], KEYS)).stdout).toContain('a second at 480p (runner-up)');
    const keyless = await localize(folder, ['plan', '--quote'], { WAVESPEED_API_KEY: KEYS.WAVESPEED_API_KEY });
    expect(keyless.stdout).toContain('not known: fal/infinitalk got no quote: FAL_KEY is not set');
  });

  test('plans all the same where a key is not set, and says which prices nobody was asked for', async () => {
    const folder = folderWith({}, { media: true });
    const { wavespeed, fal } = await serveProviders(folder);
    writeFileSync(
      join(folder, 'manifest.yaml'),
      `version: 1
batch: keyless
defaults: { prompt: A presenter }
providers:
  wavespeed: { base_url: ${wavespeed.baseUrl} }
  fal: { base_url: ${fal.baseUrl}, upload_url: ${fal.uploadUrl}, platform_url: ${fal.platformUrl}, max_frames: 721 }
videos:
  - id: safety
    source: ./media/safety.mp4
    tracks:
      de: { audio: ./media/audio/de/safety.mp3, provider: wavespeed }
      fr: { audio: ./media/audio/fr/safety.mp3, provider: fal }
      fr-CA: { audio: ./media/audio/fr/safety.mp3, provider: fal, resolution: 720p }
`,
    );
    const { exit, stdout } = await localize(folder, ['plan', '--quote'], { WAVESPEED_API_KEY: 'sesame-wave-4714' });
    expect(exit).toBe(0);
    expect(stdout).toContain('keyless: 3 jobs to buy');
    expect(stdout).toContain('wavespeed/infinitetalk  the least that a job costs at 480p');
    expect(stdout.match(/not known: fal\/infinitalk got no quote: FAL_KEY is not set\n/g)).toHaveLength(1);
    const keyless = JSON.parse((await localize(folder, ['plan', '--quote', '--json'])).stdout);
    expect(keyless.quotes).toMatchObject({
      compared: [],
      unknown: expect.arrayContaining([expect.stringContaining('WAVESPEED_API_KEY')]),
    });
  });

  test('names the jobs whose files cannot be read, of which nobody knows the price', async () => {
    const folder = folderWith({}, { media: true });
    const { wavespeed } = await serveProviders(folder);
    writeFileSync(
      join(folder, 'manifest.yaml'),
      `version: 1
batch: unread
providers:
  wavespeed: { base_url: ${wavespeed.baseUrl} }
videos:
  - id: safety
    source: ./media/safety.mp4
    tracks: { de: ./media/audio/de/safety.mp3, fr: ./media/audio/none.mp3 }
`,
    );
    const { exit, stdout } = await localize(folder, ['plan', '--quote', '--keep-going'], KEYS);
    expect(exit).toBe(0);
    expect(stdout).toContain('wavespeed/infinitetalk  the least that a job costs');
    expect(stdout).toContain('not known: no length is known of safety/fr, so neither is a price');
  });

  test('asks a price list that knows no jobs once for all of them', async () => {
    let asked = 0;
    const prices = [
      { endpoint_id: 'fal-ai/infinitalk/video-to-video', unit_price: 0.3, unit: 'seconds', currency: 'USD' },
    ];
    const list = createServer((_, response) => {
      asked += 1;
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ prices }));
    });
    await new Promise<void>((resolve) => list.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void list.close());
    const folder = folderWith({
      'manifest.yaml': `version: 1
batch: behind-urls
defaults: { prompt: A presenter, provider: fal }
providers:
  fal: { platform_url: "http://127.0.0.1:${(list.address() as AddressInfo).port}" }
videos:
  - id: talk
    source: https://media.example/talk.mp4
    duration: 3s
    tracks:
      de: { audio: https://media.example/talk.de.mp3, duration: 3s }
      fr: { audio: https://media.example/talk.fr.mp3, duration: 3s }
`,
    });
    const { stdout } = await localize(folder, ['plan', '--quote'], KEYS);
    expect(stdout).toContain('fal/infinitalk has 2 jobs compared by rate alone');
    expect(asked).toBe(1);
  });
});
