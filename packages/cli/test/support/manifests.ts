import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Endpoints, startEmulator } from '@localize/emulator';
import { onTestFinished } from 'vitest';
import { localize, startLocalize, waitFor } from './cli.js';

/** Two jobs on two providers, on the emulator. */
export const SMALL = `version: 1
batch: small
emulate: true
videos:
  - id: safety
    source: ./media/safety.mp4
    tracks:
      de: { audio: ./media/audio/de/safety.mp3, provider: eachlabs }
      fr: { audio: ./media/audio/fr/safety.mp3, provider: wavespeed/infinitetalk }
`;

/** A batch in `folder` that somebody is at work on until the test is over: its provider takes minutes. */
export async function startHolder(folder: string): Promise<void> {
  await serveSlowly(folder);
  const running = startLocalize(folder, ['--verbose'], HOLDER_KEYS);
  await waitFor(running.stderr, ': accepted');
}

/** Writes the small batch for providers that take minutes, and serves these until the test is over. */
export async function serveSlowly(folder: string): Promise<void> {
  const emulator = await startEmulator({ dir: join(folder, 'server'), speed: 0.1 });
  onTestFinished(() => emulator.close());
  const { eachlabs, wavespeed } = emulator.endpoints;
  writeFileSync(join(folder, 'manifest.yaml'), smallAt({ eachlabs: eachlabs.baseUrl, wavespeed: wavespeed.baseUrl }));
}

/** The four providers until the test is over, with their state below `folder`. */
export async function serveProviders(folder: string): Promise<Endpoints> {
  const emulator = await startEmulator({ dir: join(folder, 'server'), speed: 600 });
  onTestFinished(() => emulator.close());
  return emulator.endpoints;
}

/** The small batch for providers that are served. */
export function smallFor({ eachlabs, wavespeed }: Endpoints): string {
  return smallAt({ eachlabs: eachlabs.baseUrl, wavespeed: wavespeed.baseUrl });
}

/** What opens that provider. */
export const HOLDER_KEYS = { EACHLABS_API_KEY: 'sesame-each-4711', WAVESPEED_API_KEY: 'sesame-wave-4712' };

/** The same for providers at `url`, an emulator that somebody else has started. */
export function smallAt(endpoints: { eachlabs: string; wavespeed: string }): string {
  return SMALL.replace(
    'emulate: true\n',
    `providers:
  eachlabs: { base_url: ${endpoints.eachlabs}, keys: [EACHLABS_API_KEY], price: { usd_per_second: 0.04 }, poll: { first: 100ms, every: 100ms } }
  wavespeed: { base_url: ${endpoints.wavespeed}, keys: [WAVESPEED_API_KEY], poll: { first: 100ms, every: 100ms } }
`,
  );
}

/** Three jobs of one video, with `top` among the manifest's first fields. */
export function cappedManifest(top: string, provider = 'wavespeed'): string {
  return `version: 1
batch: capped
${top}
labels: { course: onboarding }
defaults: { provider: ${provider} }
videos:
  - id: safety
    source: ./media/safety.mp4
    tracks: { de: ./media/audio/de/safety.mp3, fr: ./media/audio/fr/safety.mp3, ja: ./media/audio/ja/safety.mp3 }
`;
}

/** Writes the manifest of a test's folder. */
export function writeManifest(folder: string, text: string): void {
  writeFileSync(join(folder, 'manifest.yaml'), text);
}

/** What `status --json` says of it. */
export async function statusOf(folder: string) {
  return JSON.parse((await localize(folder, ['status', '--json'])).stdout);
}

/** Four jobs of eight seconds for WaveSpeed or Eachlabs, at prices of the manifest: the emulator may bill others. */
export const twoRoutes = ({
  batch = 'routes',
  provider = '[wavespeed, eachlabs]',
  eachlabs = '0.04',
  budget = '{ max_usd: 9 }',
} = {}) => `version: 1
batch: ${batch}
emulate: true
defaults: { provider: ${provider}, prompt: A presenter, resolution: 480p }
budget: ${budget}
providers:
  wavespeed: { price: { usd_per_second: 0.03 } }
  eachlabs: { price: { usd_per_second: ${eachlabs} } }
videos:
  - { id: one, source: ./media/safety.mp4, tracks: { de: ./media/audio/de/safety.mp3, fr: ./media/audio/fr/safety.mp3 } }
  - { id: two, source: ./media/safety.mp4, seed: 2, tracks: { de: ./media/audio/de/safety.mp3, fr: ./media/audio/fr/safety.mp3 } }
`;
