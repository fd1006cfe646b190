import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBucketDelivery, createBucketStaging } from '@localize/runner';
import { expect, it, onTestFinished } from 'vitest';
import { bucketCredentialsOfTest, bucketServer } from '../../runner/testing/bucket-server.js';
import { filesBelow, folderWith, localize } from './support/cli.js';
import { SMALL, serveProviders, smallFor } from './support/manifests.js';

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

it('says once in doctor which credentials are missing, of however many buckets', async () => {
  const s3 = '{ bucket: b, endpoint: "http://127.0.0.1:9", region: eu-1 }';
  const both = `${STAGED}output: { s3: ${s3} }\n`;
  const folder = folderWith({ 'manifest.yaml': both }, { media: true });
  const { stdout } = await localize(folder, ['doctor', '--json'], { ...KEYS, AWS_ACCESS_KEY_ID: 'id-of-bucket' });
  const { findings } = JSON.parse(stdout) as { findings: { about: string }[] };
  expect(findings.filter(({ about }) => about === 'bucket key')).toMatchObject([
    { level: 'fail', found: expect.stringContaining('AWS_SECRET_ACCESS_KEY is not set') },
  ]);
});

it('needs none on the emulator', async () => {
  const folder = folderWith({ 'manifest.yaml': STAGED }, { media: true });
  expect((await localize(folder, ['--emulate', '--only', 'safety/de'])).exit).toBe(0);
});

it('is looked for by doctor, which shows none of its credentials', async () => {
  const folder = folderWith({ 'manifest.yaml': STAGED }, { media: true });
  const end = new Date(Date.now() + 5 * 60_000).toISOString();
  const session = { AWS_SESSION_TOKEN: 'token-of-bucket', AWS_CREDENTIAL_EXPIRATION: end };
  const credentials = { AWS_ACCESS_KEY_ID: 'id-of-bucket', AWS_SECRET_ACCESS_KEY: 'secret-of-bucket', ...session };
  const { exit, stdout } = await localize(folder, ['doctor', '--json'], { ...KEYS, ...credentials });
  expect([exit, /(id|secret|token)-of-bucket/.test(stdout)]).toEqual([1, false]);
  expect(JSON.parse(stdout).findings).toContainEqual({
    level: 'warn',
    about: 'bucket session',
    found: expect.stringContaining(`temporary credentials end at ${end}`),
    mend: 'get credentials that last longer, or new ones just before the run',
  });
  expect(JSON.parse(stdout).findings).toContainEqual({
    level: 'fail',
    about: 'bucket network',
    found: '127.0.0.1:9 cannot be reached: ECONNREFUSED',
    mend: 'check the network, a firewall or proxy, and staging.s3.endpoint in the manifest',
  });
  expect(stdout).not.toContain('could not be used');

  const ended = '2026-01-02T03:04:05.000Z';
  const late = await localize(folder, ['doctor', '--json'], {
    ...KEYS,
    ...credentials,
    AWS_CREDENTIAL_EXPIRATION: ended,
  });
  expect(JSON.parse(late.stdout).findings).toContainEqual({
    level: 'fail',
    about: 'bucket session',
    found: expect.stringContaining(`temporary credentials have ended at ${ended}`),
    mend: 'get new ones, or unset AWS_CREDENTIAL_EXPIRATION where it is not theirs',
  });
});

it('is looked at by doctor as the world sees it, where its objects are public', async () => {
  const bucket = await bucketServer({ trusting: true });
  onTestFinished(() => bucket.close());
  const { endpoint } = bucket.settings;
  const s3 = `{ bucket: videos, endpoint: "${endpoint}", region: eu-1, public_base_url: "${endpoint}/wrong" }`;
  const staged = SMALL.replace('emulate: true\n', `staging: { s3: ${s3} }\n`);
  const folder = folderWith({ 'manifest.yaml': staged, 'a.txt': 'a' }, { media: true });
  const path = join(folder, 'a.txt');
  const contentId = `sha256:${createHash('sha256').update('a').digest('hex')}`;
  const file = { path, contentId, name: 'a.txt', contentType: 'text/plain', bytes: 1 };
  await createBucketStaging(bucket.settings, bucketCredentialsOfTest).stage(file, new AbortController().signal);
  const variables = { ...KEYS, AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };
  const { exit, stdout } = await localize(folder, ['doctor', '--json'], variables);
  expect(exit).toBe(1);
  expect(JSON.parse(stdout).findings).toContainEqual({
    level: 'fail',
    about: 'bucket in public',
    found: expect.stringContaining(`${endpoint}/wrong/in/`),
    mend: 'check staging.s3.public_base_url: providers must reach it, without credentials',
  });
});

it('buys nothing while it refuses the credentials, and says what mends that', { timeout: 60_000 }, async () => {
  const bucket = await bucketServer();
  onTestFinished(() => bucket.close());
  const providers = await serveProviders(folderWith());
  const s3 = `{ bucket: videos, endpoint: "${bucket.settings.endpoint}", region: eu-1 }`;
  const staged = `${smallFor(providers)}staging: { s3: ${s3} }\n`;
  const folder = folderWith({ 'manifest.yaml': staged }, { media: true });
  const variables = { ...KEYS, AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'wrong-key-of-bucket' };
  expect(await localize(folder, ['--yes'], variables)).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining('AWS_SECRET_ACCESS_KEY is not the one of this AWS_ACCESS_KEY_ID'),
  });
  const { jobs } = JSON.parse((await localize(folder, ['status', '--json'])).stdout) as {
    jobs: { attempts: unknown[] }[];
  };
  expect(jobs.map(({ attempts }) => attempts)).toEqual([[], []]);
});

it('gets the outputs of a real run, with the bucket’s keys, and leaves those keys nowhere', {
  timeout: 120_000,
}, async () => {
  const bucket = await bucketServer();
  onTestFinished(() => bucket.close());
  const providers = await serveProviders(folderWith());
  const { endpoint } = bucket.settings;
  const output = `output: { s3: { bucket: videos, endpoint: "${endpoint}", region: eu-1, prefix: out/ } }\n`;
  const folder = folderWith({ 'manifest.yaml': `${smallFor(providers)}${output}` }, { media: true });
  const variables = { ...KEYS, AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'wrong-key-of-bucket' };
  const refused = await localize(folder, ['--yes'], variables);
  expect([refused.exit, refused.stderr]).toEqual([1, expect.stringContaining('could not be delivered')]);
  expect(refused.stderr).toContain('AWS_SECRET_ACCESS_KEY is not the one of this AWS_ACCESS_KEY_ID');
  expect((await localize(folder, ['status'])).stdout).toContain('2 outputs not delivered to');

  const done = await localize(folder, ['--yes'], { ...variables, AWS_SECRET_ACCESS_KEY: 'S3RVER' });
  expect(done.exit).toBe(0);
  const made = readFileSync(join(folder, 'localized/small/safety/safety.de.mp4'));
  expect(readFileSync(bucket.pathOf('out/small/safety/safety.de.mp4')).equals(made)).toBe(true);
  const right = { ...variables, AWS_SECRET_ACCESS_KEY: 'S3RVER' };
  const looked = await localize(folder, ['status', '--verify', '--json'], right);
  expect([looked.exit, JSON.parse(looked.stdout).verified_deliveries]).toEqual([0, { vanished: [], unseen: null }]);
  bucket.remove('out/small/safety/safety.de.mp4');
  const missed = await localize(folder, ['status', '--verify'], right);
  expect(missed.exit).toBe(1);
  expect(missed.stdout).toContain(
    'small/safety/safety.de.mp4 is not in the bucket any more; the next run delivers it again\n',
  );
  const keyless = await localize(folder, ['status', '--verify'], KEYS);
  expect(keyless.exit).toBe(0);
  expect(keyless.stdout).toContain('whether all outputs are still in the bucket is not known: the bucket needs cred');
  expect((await localize(folder, ['--yes'], right)).exit).toBe(0);
  expect(existsSync(bucket.pathOf('out/small/safety/safety.de.mp4'))).toBe(true);

  // An upload of a job that left the manifest was cut short: its parts cost money.
  const path = join(folder, 'large.mp4');
  const content = Buffer.alloc(6 * 2 ** 20);
  writeFileSync(path, content);
  const contentId = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  const large = { path, contentId, name: 'small/old/old.de.mp4', contentType: 'video/mp4', bytes: content.length };
  bucket.refuse((call) => /^POST .*\?uploadId$/.test(call), { status: 403, code: 'AccessDenied' });
  const { signal } = new AbortController();
  const toOutputs = createBucketDelivery({ ...bucket.settings, prefix: 'out/' }, bucketCredentialsOfTest);
  await expect(toOutputs.deliver(large, signal)).rejects.toThrow('403');
  const upload =
    '1 upload to a bucket that no job goes on with, 6.3 MB\n  s3://videos/out/small/old/old.de.mp4  6.3 MB\n';
  const seen = await localize(folder, ['clean'], right);
  expect([seen.stdout.slice(0, upload.length), seen.stderr, bucket.begun()]).toEqual([
    upload,
    '',
    ['out/small/old/old.de.mp4'],
  ]);
  const unseen = await localize(folder, ['clean', '--yes', '--json'], KEYS);
  expect(JSON.parse(unseen.stdout)).toMatchObject({ files: [], unseen: [expect.stringContaining('the bucket needs')] });
  expect((await localize(folder, ['clean', '--yes'], right)).stdout).toContain('\ndeleted: 6.3 MB\n');
  expect(bucket.begun()).toEqual([]);

  const status = await localize(folder, ['status', '--json']);
  const { jobs } = JSON.parse(status.stdout) as { jobs: { attempts: unknown[] }[] };
  expect(jobs.map(({ attempts }) => attempts.length)).toEqual([1, 1]);
  const told = [refused.stdout, refused.stderr, status.stdout, ...filesBelow(folder).values()];
  expect(told.filter((text) => text.includes('wrong-key-of-bucket'))).toEqual([]);
});
