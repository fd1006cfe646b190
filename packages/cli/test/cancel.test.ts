import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEmulator } from '@localize/emulator';
import { expect, onTestFinished, test } from 'vitest';
import { folderWith, localize, startLocalize, waitUntil } from './support/cli.js';
import { SMALL } from './support/manifests.js';

const KEYS = { FAL_KEY: 'sesame-id:sesame-fal-4714', WAVESPEED_API_KEY: 'sesame-wave-4712' };

test('cancel asks fal to stop, and says where a provider has no way to', { timeout: 90_000 }, async () => {
  const emulator = await startEmulator({ dir: folderWith(), speed: 0.1 });
  onTestFinished(() => emulator.close());
  const { fal, wavespeed } = emulator.endpoints;
  const folder = folderWith({}, { media: true });
  const manifest = `version: 1
batch: small
providers:
  fal: { base_url: "${fal.baseUrl}", upload_url: "${fal.uploadUrl}", platform_url: "${fal.platformUrl}", max_frames: 241 }
  wavespeed: { base_url: "${wavespeed.baseUrl}" }
videos:
  - id: safety
    source: ./media/safety.mp4
    prompt: A presenter
    tracks:
      de: { audio: ./media/audio/de/safety.mp3, provider: fal }
      fr: { audio: ./media/audio/fr/safety.mp3, provider: wavespeed/infinitetalk }
`;
  writeFileSync(join(folder, 'manifest.yaml'), manifest);
  const run = startLocalize(folder, ['--verbose'], KEYS);
  await waitUntil(() => run.stderr().split(': accepted').length === 3, run.stderr);
  run.child.kill('SIGINT');
  expect((await run.finished).exit).toBe(130);

  const canceled = await localize(folder, ['cancel'], KEYS);
  expect(canceled.exit).toBe(0);
  expect(canceled.stdout).toMatch(/^safety\/de is canceled; fal (has stopped it|was asked: .*)\n/);
  expect(canceled.stdout).toContain('safety/fr is canceled; wavespeed has no way to stop it: it may still be billed');
  expect([canceled.stdout, canceled.stderr].join('')).not.toContain('sesame');
  const status = JSON.parse((await localize(folder, ['status', '--json'], KEYS)).stdout);
  expect(status.totals).toMatchObject({ canceled: 2 });
  const { entries } = JSON.parse((await localize(folder, ['logs', 'safety/de', '--json'])).stdout);
  expect(entries.at(-2)).toMatchObject({ kind: 'job', data: { from: 'processing', to: 'canceled' } });
  const asked = { method: 'PUT', url: expect.stringMatching(/\/cancel$/), status: expect.any(Number) };
  expect(entries.at(-1)).toMatchObject({ kind: 'exchange', data: asked });
  const log = readFileSync(join(folder, '.localize/logs/localize.log'), 'utf8');
  const lines = log.trim().split('\n');
  const byHand = lines
    .slice(lines.findIndex((line) => line.includes('"to":"canceled"')))
    .map((line) => JSON.parse(line));
  expect(byHand).toMatchObject([
    { batch: 'small', event: 'job:state', key: 'safety/de', from: 'processing', to: 'canceled' },
    { batch: 'small', event: 'exchange', key: 'safety/de', request: 1, time: expect.any(String), ...asked },
    { batch: 'small', event: 'job:state', key: 'safety/fr', from: 'processing', to: 'canceled' },
  ]);
  expect(log).not.toContain('sesame');
  const again = await localize(folder, ['cancel'], KEYS);
  expect(again.stdout).toBe('nothing to cancel\n');
});

test('a run that leaves jobs behind says which command takes them up', { timeout: 90_000 }, async () => {
  const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
  const limited = await localize(folder, ['--lang', 'fr', '--max-usd', '0.01']);
  expect([limited.exit, limited.stderr]).toEqual([3, expect.stringMatching(/To go on: localize manifest\.yaml\n$/)]);
  expect((await localize(folder, ['cancel', '--lang', 'de'])).exit).toBe(0);
  const rest = await localize(folder, []);
  expect([rest.exit, rest.stderr]).toEqual([
    1,
    expect.stringMatching(/\n1 job is canceled and left alone; to take up again: localize retry manifest\.yaml\n$/),
  ]);
});

test('with --quiet a run prints the summary and nothing else, however it ends', { timeout: 90_000 }, async () => {
  const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
  const quiet = async (...args: string[]) => {
    const { exit, stdout, stderr } = await localize(folder, ['--quiet', ...args]);
    expect([stdout, stderr]).toEqual([expect.stringMatching(/^small: [\s\S]*\nReport: \S+\n$/), '']);
    return exit;
  };
  expect(await quiet('--lang', 'fr', '--max-usd', '0.01')).toBe(3);
  expect(await quiet('--lang', 'de')).toBe(0);
  expect((await localize(folder, ['cancel', '--lang', 'fr'])).exit).toBe(0);
  expect(await quiet()).toBe(1);
});
