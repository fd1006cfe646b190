import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secret } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  bucketCredentials,
  checkBucket,
  createBucketDelivery,
  createBucketStaging,
  type StagedFile,
} from '../src/index.js';
import { openBucket } from '../src/staging/bucket.js';
import { type BucketServer, bucketCredentialsOfTest, bucketServer } from '../testing/bucket-server.js';

const SIGNAL = new AbortController().signal;

let server: BucketServer;
let dir: string;
beforeEach(async () => {
  server = await bucketServer();
  dir = mkdtempSync(join(tmpdir(), 'localize-staging-'));
});
afterEach(async () => {
  rmSync(dir, { recursive: true, force: true });
  await server.close();
});

function fileOf(content: Buffer | string, name = 'clip.mp4'): StagedFile {
  const path = join(dir, name);
  writeFileSync(path, content);
  const contentId = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  return { path, contentId, name, contentType: 'video/mp4', bytes: statSync(path).size };
}

const staging = (changes: Partial<BucketServer['settings']> = {}) =>
  createBucketStaging({ ...server.settings, ...changes }, bucketCredentialsOfTest);

const isPart = (call: string) => /^PUT .*\?uploadId$/.test(call);

describe('staging in a bucket', () => {
  it('gives a presigned URL that reads the file without credentials, named by its contents', async () => {
    const file = fileOf('a small file');
    const { url, keptMs } = await staging().stage(file, SIGNAL);
    expect(new URL(url).pathname).toBe(`/videos/in/${file.contentId.slice(7)}.mp4`);
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('86400');
    expect(keptMs).toBe(86_400_000);
    const reply = await fetch(url);
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toBe('video/mp4');
    expect(await reply.text()).toBe('a small file');
    const unsigned = await fetch(url.replace(/X-Amz-Signature=[^&]+/, 'X-Amz-Signature=0'));
    expect(unsigned.status).toBe(403);
  });

  it('counts on a URL no longer than on the session that signed it, and says once where that is too short', async () => {
    const minute = 60_000;
    const nowMs = Date.now();
    const session = { ...bucketCredentialsOfTest, expiresAtMs: nowMs + 20 * minute };
    const file = fileOf('of a session');
    const to = (neededMs: number) => createBucketStaging({ ...server.settings, neededMs }, session, () => nowMs);
    const short = to(55 * minute);
    expect(await short.stage(file, SIGNAL)).toMatchObject({
      keptMs: 20 * minute,
      warning: expect.stringMatching(/end at .*Z .* an attempt may need its URLs for 55m: get new ones$/),
    });
    expect(await short.stage(file, SIGNAL)).not.toHaveProperty('warning');
    expect(await to(15 * minute).stage(file, SIGNAL)).not.toHaveProperty('warning');
  });

  it('sends nothing by a session that has ended, where what it signs could not be read', async () => {
    const nowMs = Date.now();
    const session = { ...bucketCredentialsOfTest, expiresAtMs: nowMs };
    const to = (publicBaseUrl: string | null) =>
      createBucketStaging({ ...server.settings, publicBaseUrl }, session, () => nowMs);
    const file = fileOf('of a session that has ended');
    const end = new Date(nowMs).toISOString();
    await expect(to(null).stage(file, SIGNAL)).rejects.toMatchObject({
      message: expect.stringMatching(`credentials have ended at ${end} .*: get new ones$`),
      lasting: true,
    });
    expect(server.calls).toEqual([]);
    expect(await to('http://127.0.0.1:9/b').stage(file, SIGNAL)).toMatchObject({ keptMs: null });
  });

  it('gives the public URL of a bucket that is public, without an end', async () => {
    const file = fileOf('public');
    const made = await staging({ publicBaseUrl: 'http://127.0.0.1:9/b' }).stage(file, SIGNAL);
    expect(made).toMatchObject({
      url: `http://127.0.0.1:9/b/in/${file.contentId.slice(7)}.mp4`,
      keptMs: null,
    });
  });

  it('uploads a file once, also for another process that knows nothing of the first', async () => {
    const file = fileOf('once');
    expect(await staging().stage(file, SIGNAL)).toMatchObject({ reused: false });
    expect(await staging().stage(file, SIGNAL)).toMatchObject({ reused: true });
    expect(server.uploads()).toHaveLength(1);
  });

  it('uploads a large file in parts and puts them together whole', async () => {
    const content = Buffer.alloc(20 * 2 ** 20, 'localize ');
    const { url } = await staging().stage(fileOf(content), SIGNAL);
    expect(server.calls.filter(isPart)).toHaveLength(4);
    expect(server.uploads()).toHaveLength(1);
    expect(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(content)).toBe(true);
  });

  it('sends four parts at once, and no more when two files go up together', async () => {
    let [underWay, mostUnderWay] = [0, 0];
    let release: () => void = () => undefined;
    const four = new Promise<void>((resolve) => {
      release = resolve;
    });
    server.hold(async (call) => {
      if (!isPart(call)) return;
      underWay += 1;
      mostUnderWay = Math.max(mostUnderWay, underWay);
      if (underWay === 4) release();
      // No part is taken before four of them are under way.
      await four;
      underWay -= 1;
    });
    const contents = ['a', 'b'].map((name) => Buffer.alloc(22 * 2 ** 20, `${name} localize`));
    const to = staging();
    const made = await Promise.all(
      contents.map((content, index) => to.stage(fileOf(content, `clip${index}.mp4`), SIGNAL)),
    );
    expect(mostUnderWay).toBe(4);
    for (const [index, { url }] of made.entries()) {
      const there = Buffer.from(await (await fetch(url)).arrayBuffer());
      expect(contents[index]?.equals(there)).toBe(true);
    }
  });

  /** A process of its own that uploads a file, killed when so many parts are there. */
  async function killedAfterParts(parts: number, file: StagedFile): Promise<void> {
    const script = `
      const { bucketCredentials, createBucketStaging } = await import('@localize/runner');
      const credentials = bucketCredentials({ AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' });
      const staging = createBucketStaging(${JSON.stringify(server.settings)}, credentials);
      await staging.stage(${JSON.stringify(file)}, new AbortController().signal);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: import.meta.dirname });
    let seen = 0;
    server.hold(async (call) => {
      if (!isPart(call) || seen++ < parts) return;
      await vi.waitFor(() => expect(server.partsThere()).toBe(parts), 9_000);
      child.kill('SIGKILL');
      throw new Error('nobody waits for a reply');
    });
    await once(child, 'exit');
    server.hold(() => undefined);
    server.calls.splice(0);
  }

  it('goes on after a kill with the parts that are there, and leaves none behind', async () => {
    const content = Buffer.alloc(25 * 2 ** 20, 'localize ');
    const file = fileOf(content);
    // One more than a page of the listing has.
    await killedAfterParts(3, file);
    expect(server.begun()).toHaveLength(1);
    const { url } = await staging().stage(file, SIGNAL);
    expect(server.calls.filter(isPart)).toHaveLength(2);
    expect(server.begun()).toEqual([]);
    expect(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(content)).toBe(true);
  });

  it('goes on with what a kill left of an output, and with nothing of another one of its name', async () => {
    const content = Buffer.alloc(12 * 2 ** 20, 'localize ');
    const delivery = createBucketDelivery(server.settings, bucketCredentialsOfTest);
    const cutShort = async (file: StagedFile) => {
      server.refuse((call) => /^POST .*\?uploadId$/.test(call));
      await expect(delivery.deliver(file, SIGNAL)).rejects.toThrow('answered 503');
      expect(server.begun()).toEqual(['in/clip.mp4']);
      server.refuse(() => false);
      server.calls.splice(0);
    };
    const isThere = async (file: StagedFile, whole: Buffer) => {
      expect(server.begun()).toEqual([]);
      expect(readFileSync(server.pathOf('in/clip.mp4')).equals(whole)).toBe(true);
      // It says of itself what it is.
      server.calls.splice(0);
      await delivery.deliver(file, SIGNAL);
      expect(server.calls.map((call) => call.split(' ')[0])).toEqual(['HEAD']);
    };
    const file = fileOf(content);
    await cutShort(file);
    await delivery.deliver(file, SIGNAL);
    expect(server.calls.filter(isPart)).toEqual([]);
    await isThere(file, content);

    // Another one that differs in its first part, and one that differs behind all parts that are there.
    const first = Buffer.concat([Buffer.alloc(9, 'x'), content.subarray(9)]);
    const last = Buffer.concat([content, Buffer.alloc(6 * 2 ** 20, 'more ')]);
    for (const other of [first, last]) {
      server.remove('in/clip.mp4');
      await cutShort(fileOf(content));
      const made = fileOf(other);
      await delivery.deliver(made, SIGNAL);
      await isThere(made, other);
    }
  });

  it('gives up on a storage that takes a request and never answers', async () => {
    server.hold((call) => (call.startsWith('PUT') ? new Promise(() => undefined) : undefined));
    const bucket = openBucket(server.settings, bucketCredentialsOfTest, { connectMs: 9_000, idleMs: 200 });
    const upload = bucket.upload('in/clip.mp4', fileOf('a small file'), SIGNAL);
    await expect(upload).rejects.toMatchObject({
      message: expect.stringContaining('could not be used'),
      lasting: false,
    });
  });

  it('sends a part again that the storage could not take, and no other', async () => {
    let refused = 1;
    server.refuse((call) => isPart(call) && refused-- > 0);
    const seen: number[] = [];
    const file = {
      ...fileOf(Buffer.alloc(20 * 2 ** 20, 'localize ')),
      onProgress: (bytes: number) => seen.push(bytes),
    };
    const { url } = await staging().stage(file, SIGNAL);
    expect(server.calls.filter(isPart)).toHaveLength(5);
    expect((await (await fetch(url)).arrayBuffer()).byteLength).toBe(file.bytes);
    expect(seen.at(-1)).toBe(file.bytes);
  });

  it('says why a part in the middle is refused, sends no more, and keeps the parts that are there', async () => {
    const content = Buffer.alloc(30 * 2 ** 20, 'localize ');
    const file = fileOf(content);
    const refused = { status: 403, code: 'AccessDenied' };
    let parts = 0;
    server.refuse((call) => isPart(call) && ++parts >= 2, refused);
    await expect(staging().stage(file, SIGNAL)).rejects.toMatchObject({
      message: expect.stringContaining('answered 403 AccessDenied'),
      lasting: true,
    });
    // Those that were under way, and at most one behind the part that was taken.
    expect(parts).toBeLessThanOrEqual(5);
    expect(server.begun()).toHaveLength(1);
    server.refuse(() => false);
    server.calls.splice(0);
    const { url } = await staging().stage(file, SIGNAL);
    expect(server.calls.filter(isPart)).toHaveLength(5);
    expect(server.begun()).toEqual([]);
    expect(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(content)).toBe(true);
  });

  it('sends only the part again that was refused twice for want of time, in the middle of others', async () => {
    const content = Buffer.alloc(20 * 2 ** 20, 'localize ');
    let parts = 0;
    server.refuse((call) => isPart(call) && [2, 3].includes(++parts), { status: 503, code: 'SlowDown' });
    const { url } = await staging().stage(fileOf(content), SIGNAL);
    expect(parts).toBe(6);
    expect(server.uploads()).toHaveLength(1);
    expect(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(content)).toBe(true);
  });

  it.each([
    ['small', 100],
    ['large', 20 * 2 ** 20],
  ])('leaves no object of a %s file that changed after it was hashed', async (_size, bytes) => {
    const file = fileOf(Buffer.alloc(bytes, 'a'));
    writeFileSync(file.path, Buffer.alloc(bytes, 'b'));
    await expect(staging().stage(file, SIGNAL)).rejects.toThrow('clip.mp4 changed while it was uploaded');
    expect(server.uploads()).toHaveLength(0);
    expect(server.begun()).toEqual([]);
  });

  it('ends when it is aborted and leaves no object', async () => {
    const stop = new AbortController();
    stop.abort(new Error('stopped'));
    await expect(staging().stage(fileOf('late'), stop.signal)).rejects.toThrow();
    expect(server.uploads()).toHaveLength(0);
  });

  it('says which bucket refused, why, and that trying again is useless', async () => {
    await expect(staging({ bucket: 'other' }).stage(fileOf('x'), SIGNAL)).rejects.toMatchObject({
      message: expect.stringMatching(/^bucket other at 127\.0\.0\.1:\d+ answered 404 NoSuchBucket/),
      lasting: true,
    });
    const wrong = { ...bucketCredentialsOfTest, secretAccessKey: secret('wrong-secret-key') };
    const error = await createBucketStaging(server.settings, wrong)
      .stage(fileOf('x'), SIGNAL)
      .catch((reason: Error) => reason);
    expect(error).toMatchObject({ message: expect.stringContaining('answered 403'), lasting: true });
    expect(String(error)).not.toContain('wrong-secret-key');
  });

  it.each([
    [403, 'SignatureDoesNotMatch', 'AWS_SECRET_ACCESS_KEY is not the one of this AWS_ACCESS_KEY_ID'],
    [403, 'InvalidAccessKeyId', 'does not know AWS_ACCESS_KEY_ID'],
    [400, 'ExpiredToken', 'AWS_SESSION_TOKEN has expired: get new temporary credentials'],
    [403, 'RequestTimeTooSkewed', 'clock and the storage’s differ too much'],
    [403, 'AccessDenied', 'they need s3:PutObject'],
    [404, 'NoSuchBucket', 'there is no bucket videos there'],
    [301, 'PermanentRedirect', 'in another region than eu-1'],
  ])('says what mends a refusal: %d %s', async (status, code, mend) => {
    const storage = createServer((request, response) => {
      const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>No.</Message></Error>`;
      request.resume().on('end', () => {
        response.writeHead(status, { 'content-type': 'application/xml' }).end(request.method === 'HEAD' ? '' : body);
      });
    });
    await new Promise<void>((resolve) => storage.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void storage.close());
    const endpoint = `http://127.0.0.1:${(storage.address() as AddressInfo).port}`;
    await expect(staging({ endpoint }).stage(fileOf('x'), SIGNAL)).rejects.toMatchObject({
      message: expect.stringContaining(mend),
      lasting: true,
    });
    await expect(
      checkBucket({ ...server.settings, endpoint }, bucketCredentialsOfTest, SIGNAL).then(
        (found) => `answered ${found}`,
        ({ message }: Error) => message,
      ),
    ).resolves.toContain(code === 'AccessDenied' ? 'no-listing' : mend);
  });

  it('says that it is no storage which answers, in words of our own', async () => {
    const website = createServer((request, response) => {
      request.resume();
      response.writeHead(404, { 'content-type': 'text/html' }).end('<!doctype html><p>Not here<br></p>');
    });
    await new Promise<void>((resolve) => website.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void website.close());
    const { port } = website.address() as AddressInfo;
    await expect(staging({ endpoint: `http://127.0.0.1:${port}` }).stage(fileOf('x'), SIGNAL)).rejects.toMatchObject({
      message: `bucket videos at 127.0.0.1:${port} answered 404 with something that no S3 storage says: check \`endpoint\``,
      lasting: true,
    });
  });

  it('tells a bucket that cannot be reached from one that refuses', async () => {
    const lonely = staging({ endpoint: 'http://127.0.0.1:9' });
    await expect(lonely.stage(fileOf('x'), SIGNAL)).rejects.toMatchObject({
      message: 'bucket videos at 127.0.0.1:9 could not be used: ECONNREFUSED',
      lasting: false,
    });
  });

  it('remembers presigned and public objects apart', () => {
    const publicBaseUrl = 'https://cdn.example.com';
    expect(staging().destination).not.toBe(staging({ publicBaseUrl }).destination);
  });
});

describe('credentials of a bucket', () => {
  it('names every variable that is missing', () => {
    expect(() => bucketCredentials({ AWS_SESSION_TOKEN: 't' })).toThrow(
      'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set',
    );
    expect(() => bucketCredentials({ AWS_ACCESS_KEY_ID: 'a' })).toThrow('AWS_SECRET_ACCESS_KEY is not set');
  });

  it('know when temporary ones end, where that is said', () => {
    const all = {
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      AWS_CREDENTIAL_EXPIRATION: '2026-11-22T10:00:00Z',
    };
    const session = { ...all, AWS_SESSION_TOKEN: 'c' };
    expect(bucketCredentials(session).expiresAtMs).toBe(Date.UTC(2026, 10, 22, 10));
    expect(bucketCredentials({ ...session, AWS_CREDENTIAL_EXPIRATION: 'soon' }).expiresAtMs).toBe(undefined);
    // Left over from another session.
    expect(bucketCredentials(all).expiresAtMs).toBe(undefined);
  });

  it('prints none of them', () => {
    const all = { AWS_ACCESS_KEY_ID: 'id-a', AWS_SECRET_ACCESS_KEY: 'key-b', AWS_SESSION_TOKEN: 'token-c' };
    expect(JSON.stringify(bucketCredentials(all))).not.toMatch(/id-a|key-b|token-c/);
  });
});

describe('a look at a bucket', () => {
  it('tells that it is there and open, gone, or that the credentials are wrong', async () => {
    expect(await checkBucket(server.settings, bucketCredentialsOfTest, SIGNAL)).toBe('open');
    const gone = { ...server.settings, bucket: 'gone' };
    await expect(checkBucket(gone, bucketCredentialsOfTest, SIGNAL)).rejects.toThrow(/bucket gone at .* answered 404/);
    const stranger = { ...bucketCredentialsOfTest, secretAccessKey: secret('somebody-else') };
    await expect(checkBucket(server.settings, stranger, SIGNAL)).rejects.toThrow(/answered 403 SignatureDoesNotMatch/);
    expect(server.uploads()).toEqual([]);
  });
});
