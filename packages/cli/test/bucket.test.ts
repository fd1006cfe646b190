import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderWith, localize } from './support/cli.js';
import { SMALL } from './support/manifests.js';

const STAGED = SMALL.replace(
  'emulate: true\n',
  'staging: { s3: { bucket: b, endpoint: "http://127.0.0.1:9", region: eu-1 } }\n',
);
const KEYS = { EACHLABS_API_KEY: 'key-of-eachlabs', WAVESPEED_API_KEY: 'key-of-wavespeed' };

it('names the bucket’s credentials that are missing, before anything is written or sent', async () => {
  const folder = folderWith({ 'manifest.yaml': STAGED }, { media: true });
  const { exit, stderr } = await localize(folder, ['--yes'], { ...KEYS, AWS_ACCESS_KEY_ID: 'id-of-bucket' });
  expect(exit).toBe(2);
  expect(stderr).toContain('error [BUCKET_KEY_MISSING]');
  expect(stderr).toContain('AWS_SECRET_ACCESS_KEY is not set');
  expect(stderr).not.toContain('id-of-bucket');
  expect(existsSync(join(folder, '.localize', 'state.db'))).toBe(false);
});

it('needs none on the emulator', async () => {
  const folder = folderWith({ 'manifest.yaml': STAGED }, { media: true });
  expect((await localize(folder, ['--emulate', '--only', 'safety/de'])).exit).toBe(0);
});

it('is looked for by doctor, which shows none of its credentials', async () => {
  const folder = folderWith({ 'manifest.yaml': STAGED }, { media: true });
  const credentials = { AWS_ACCESS_KEY_ID: 'id-of-bucket', AWS_SECRET_ACCESS_KEY: 'secret-of-bucket' };
  const { exit, stdout } = await localize(folder, ['doctor', '--json'], { ...KEYS, ...credentials });
  expect([exit, /(id|secret)-of-bucket/.test(stdout)]).toEqual([1, false]);
  expect(JSON.parse(stdout).findings).toContainEqual({
    level: 'fail',
    about: 'bucket',
    found: expect.stringMatching(/^bucket b at 127\.0\.0\.1:9 could not be used: /),
    mend: 'check staging.s3 in the manifest, and the bucket’s own rules',
  });
});
