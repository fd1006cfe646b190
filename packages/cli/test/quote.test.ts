import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
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
        not known: 2 jobs compared by rate alone: a price list sees no local files, and fal’s no jobs
        not known: eachlabs/infinitalk has jobs without a known price: set providers.eachlabs.price
        not known: eachlabs/infinitalk: its provider quotes no prices
      "
    `);

    write('0.02');
    const drifted = JSON.parse((await localize(folder, ['plan', '--quote', '--json'], KEYS)).stdout);
    expect(drifted.quotes.compared[0]).toEqual({
      route: 'wavespeed/infinitetalk',
      what: 'the least that a job costs at 480p',
      ours_usd: '0.10',
      theirs_usd: '0.15',
      drift_usd: '0.05',
    });
    expect((await localize(folder, ['plan', '--quote'], KEYS)).stdout).toContain('DRIFT: theirs is $0.05 more');
    expect((await localize(folder, ['plan', '--quote'])).stderr).toContain('[KEY_MISSING]');
    expect((await localize(folder, ['plan'])).exit).toBe(0);
  });
});
