import { createHash } from 'node:crypto';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExchangeRecord, Provider, UploadFile } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eachlabs, fal, vibedream, wavespeed } from '../src/index.js';
import { contextOn } from '../testing/capability-scene.js';
import { type Canned, type ScriptedServer, startScriptedServer } from '../testing/scripted-server.js';

let api: ScriptedServer;
let storage: ScriptedServer;
let directory: string;
let records: ExchangeRecord[];

beforeEach(async () => {
  [api, storage] = [await startScriptedServer(), await startScriptedServer(() => ({ body: {} }))];
  directory = await mkdtemp(join(tmpdir(), 'localize-upload-'));
  records = [];
});
afterEach(async () => {
  await Promise.all([api.close(), storage.close()]);
  await rm(directory, { recursive: true });
});

async function fileOf(content: Buffer | string): Promise<UploadFile> {
  const path = join(directory, 'clip.mp4');
  await writeFile(path, content);
  return { path, name: 'clip.mp4', contentType: 'video/mp4', bytes: Buffer.byteLength(content) };
}

interface Case {
  readonly name: string;
  readonly provider: Provider;
  readonly auth: string;
  readonly hosts: Readonly<Record<string, string>>;
  readonly first: { readonly url: string; readonly body: unknown };
  /** The reply to the first step. */
  granted(): Canned;
  readonly put: { readonly url: string; readonly headers: Readonly<Record<string, string>> };
  readonly url: string;
  readonly keptDays: number | null;
}

const CASES: readonly Case[] = [
  {
    name: 'fal',
    provider: fal,
    auth: 'key',
    hosts: { base_url: '', upload_url: '/rest' },
    first: {
      url: '/rest/storage/upload/initiate?storage_type=fal-cdn-v3',
      body: { content_type: 'video/mp4', file_name: 'clip.mp4' },
    },
    granted: () => ({
      body: { upload_url: `${storage.url}/put/clip?sig=S`, file_url: 'https://v3.fal.media/clip.mp4' },
    }),
    put: { url: '/put/clip?sig=S', headers: { 'content-type': 'video/mp4' } },
    url: 'https://v3.fal.media/clip.mp4',
    keptDays: null,
  },
  {
    name: 'wavespeed',
    provider: wavespeed,
    auth: 'bearer',
    hosts: { base_url: '/api/v3' },
    first: {
      url: '/api/v3/media/uploads',
      body: { filename: 'clip.mp4', size: 11, content_type: 'video/mp4' },
    },
    granted: () => ({
      body: {
        code: 200,
        message: 'success',
        data: {
          download_url: 'https://media.example/clip.mp4',
          upload: { method: 'PUT', url: `${storage.url}/put?sig=S`, headers: { 'x-amz-acl': 'public-read' } },
        },
      },
    }),
    put: { url: '/put?sig=S', headers: { 'x-amz-acl': 'public-read' } },
    url: 'https://media.example/clip.mp4',
    keptDays: 7,
  },
  {
    name: 'eachlabs',
    provider: eachlabs,
    auth: 'x-api-key',
    hosts: { base_url: '/v1' },
    first: { url: '/v1/upload/presign', body: { content_type: 'video/mp4', file_type: 'video' } },
    granted: () => ({
      body: {
        id: 'f1',
        presigned_url: `${storage.url}/put?X-Amz-Signature=S`,
        public_url: 'https://cdn-us.eachlabs.ai/f1.mp4',
        expires_at: '2026-04-27T18:15:00Z',
        required_headers: { 'x-amz-meta-file-id': 'f1' },
      },
    }),
    put: {
      url: '/put?X-Amz-Signature=S',
      headers: { 'content-type': 'video/mp4', 'x-amz-meta-file-id': 'f1' },
    },
    url: 'https://cdn-us.eachlabs.ai/f1.mp4',
    keptDays: 180,
  },
];

describe.each(CASES)('an upload to $name', ({ provider, auth, hosts, first, granted, put, url, keptDays }) => {
  const upload = (file: UploadFile) => provider.upload?.(file, contextOn(api, hosts, auth, records));

  it('asks for an address with the key and sends the bytes without it', async () => {
    api.answer(granted);
    const result = await upload(await fileOf('hello world'));
    const keptMs = keptDays === null ? null : keptDays * 86_400_000;
    expect(result).toEqual({ outcome: 'uploaded', url, keptMs });
    expect(api.seen).toMatchObject([{ method: 'POST', url: first.url }]);
    expect(JSON.parse(String(api.seen[0]?.body))).toEqual(first.body);
    expect(JSON.stringify(api.seen[0]?.headers)).toContain('key-0123456789');
    expect(storage.seen).toMatchObject([{ method: 'PUT', url: put.url, headers: put.headers }]);
    expect(String(storage.seen[0]?.body)).toBe('hello world');
    expect(storage.seen[0]?.headers['content-length']).toBe('11');
    expect(JSON.stringify(storage.seen[0]?.headers)).not.toContain('key-0123456789');
  });

  it('records both steps without the signature', async () => {
    api.answer(granted);
    await upload(await fileOf('hello world'));
    expect(records.map((record) => record.method)).toEqual(['POST', 'PUT']);
    expect(JSON.stringify(records)).not.toMatch(/sig=S|Signature=S/);
  });

  it.each<[string, Canned, object]>([
    ['401', { status: 401, body: {} }, { kind: 'auth' }],
    ['429', { status: 429, headers: { 'retry-after': '2' }, body: {} }, { kind: 'rate-limit', retryAfterMs: 2000 }],
    ['500', { status: 500, body: {} }, { kind: 'provider' }],
    ['{}', { body: {} }, { kind: 'provider' }],
    ['no JSON', { body: 'here' }, { kind: 'provider' }],
  ])('fails when the first step answers %s', async (_title, reply, failure) => {
    api.answer(() => reply);
    expect(await upload(await fileOf('hello world'))).toMatchObject({ outcome: 'failed', failure });
    expect(storage.seen).toHaveLength(0);
  });

  it('does not take the storage’s refusal for one of the key', async () => {
    api.answer(granted);
    storage.answer(() => ({ status: 403, body: '<Error>SignatureDoesNotMatch</Error>' }));
    expect(await upload(await fileOf('hello world'))).toMatchObject({
      outcome: 'failed',
      failure: { kind: 'provider', httpStatus: 403 },
    });
  });

  it.each<[string, Canned]>([
    ['403', { status: 403, body: '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>' }],
    ['404', { status: 404 }],
    ['400 and says that it has lapsed', { status: 400, body: '<Error><Code>ExpiredToken</Code></Error>' }],
  ])('asks for a new address where the storage refuses the one that it has with %s', async (_title, refusal) => {
    api.answer(granted);
    storage.answer(() => (storage.seen.length < 3 ? refusal : { body: {} }));
    expect(await upload(await fileOf('hello world'))).toMatchObject({ outcome: 'uploaded', url });
    expect(api.seen.map((seen) => seen.url)).toEqual([first.url, first.url, first.url]);
    expect(storage.seen.map(({ body }) => String(body))).toEqual(Array(3).fill('hello world'));
  });

  it('asks for three addresses at most', async () => {
    api.answer(granted);
    storage.answer(() => ({ status: 403 }));
    expect(await upload(await fileOf('hello world'))).toMatchObject({
      outcome: 'failed',
      failure: { kind: 'provider', httpStatus: 403, message: expect.stringContaining('at each of 3 addresses') },
    });
    expect([api.seen.length, storage.seen.length]).toEqual([3, 3]);
  });

  it.each([400, 413, 500])('asks for no new address where the storage answers the file with %i', async (status) => {
    api.answer(granted);
    storage.answer(() => ({ status, body: '<Error><Code>EntityTooLarge</Code></Error>' }));
    expect(await upload(await fileOf('hello world'))).toMatchObject({
      outcome: 'failed',
      failure: { httpStatus: status },
    });
    expect([api.seen.length, storage.seen.length]).toEqual([1, 1]);
  });

  it('fails by its own kind when the file cannot be read', async () => {
    api.answer(granted);
    const file = { ...(await fileOf('hello world')), path: join(directory, 'absent.mp4') };
    expect(await upload(file)).toMatchObject({ outcome: 'failed', failure: { kind: 'storage', code: 'ENOENT' } });
  });

  it('fails when the file got shorter meanwhile', async () => {
    api.answer(granted);
    const file = { ...(await fileOf('hello world')), bytes: 20 };
    expect(await upload(file)).toMatchObject({ outcome: 'failed' });
  });
});

describe('wavespeed', () => {
  const context = () => contextOn(api, { base_url: '/api/v3' }, 'bearer', records);
  const data = { type: 'video', download_url: 'https://media.example/clip.mp4', filename: 'clip.mp4', size: 11 };
  const MISSING: readonly [string, Canned][] = [
    ['404', { status: 404, body: { code: 404, message: 'not found' } }],
    ['405', { status: 405 }],
    ['200 and the code 404', { body: { code: 404, message: 'not found' } }],
  ];

  it.each(MISSING)('is sent a form where it has no signed addresses (%s)', async (_title, missing) => {
    api.answer(({ url }) => (url === '/api/v3/media/uploads' ? missing : { body: { code: 200, data } }));
    const file = { ...(await fileOf('hello world')), name: 'a "clip" für\nuns.mp4' };
    expect(await wavespeed.upload?.(file, context())).toEqual({
      outcome: 'uploaded',
      url: 'https://media.example/clip.mp4',
      keptMs: 7 * 86_400_000,
    });
    expect(api.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /api/v3/media/uploads',
      'POST /api/v3/media/upload/binary',
    ]);
    const { headers, body } = api.seen[1]!;
    expect(headers.authorization).toBe('Bearer key-0123456789');
    expect(headers['content-length']).toBe(String(body.length));
    const form = await new Response(new Uint8Array(body), {
      headers: { 'content-type': String(headers['content-type']) },
    }).formData();
    const sent = form.get('file') as File;
    expect([...form.keys()]).toEqual(['file']);
    expect([sent.name, sent.type, await sent.text()]).toEqual(['a "clip" für\nuns.mp4', 'video/mp4', 'hello world']);
    expect(JSON.stringify(records)).not.toContain('hello world');
  });

  it('fails where it has neither', async () => {
    api.answer(() => ({ status: 404, body: { code: 404, message: 'not found' } }));
    expect(await wavespeed.upload?.(await fileOf('hello world'), context())).toMatchObject({
      outcome: 'failed',
      failure: { httpStatus: 404 },
    });
    expect(api.seen).toHaveLength(2);
  });

  it('fails by its own kind when the file of a form cannot be read', async () => {
    api.answer(() => ({ status: 404 }));
    const file = { ...(await fileOf('hello world')), path: join(directory, 'absent.mp4') };
    expect(await wavespeed.upload?.(file, context())).toMatchObject({ failure: { kind: 'storage', code: 'ENOENT' } });
  });
});

describe('fal', () => {
  it('gets large files in parts, a few at once, every byte once, a part again that breaks off', {
    timeout: 60_000,
  }, async () => {
    const bytes = 95_000_000;
    const path = join(directory, 'large.mp4');
    const handle = await open(path, 'w');
    await handle.write(Buffer.from('head'), 0, 4, 0);
    await handle.write(Buffer.from('tail'), 0, 4, bytes - 4);
    await handle.close();
    api.answer(() => ({
      body: { upload_url: `${storage.url}/multi/abc?sig=S`, file_url: 'https://v3.fal.media/large.mp4' },
    }));
    const sizes: [string, number][] = [];
    const progress: number[] = [];
    let breaks = 2;
    let [underWay, mostUnderWay] = [0, 0];
    let release: () => void = () => undefined;
    const four = new Promise<void>((resolve) => {
      release = resolve;
    });
    storage.answer(async (seen, response) => {
      underWay += 1;
      mostUnderWay = Math.max(mostUnderWay, underWay);
      if (underWay === 4) release();
      // No part is answered before four of them are under way.
      await four;
      underWay -= 1;
      if (/abc\/4\?/.test(seen.url) && breaks > 0) {
        breaks -= 1;
        if (breaks === 0) return { status: 503 };
        response.destroy();
        return undefined;
      }
      sizes.push([`${seen.method} ${seen.url}`, seen.body.length]);
      const number = Number(/abc\/(\d+)/.exec(seen.url)?.[1]);
      return { body: { partNumber: number, etag: createHash('md5').update(seen.body).digest('hex') } };
    });
    const onProgress = (sent: number) => progress.push(sent);
    const file = { path, name: 'large.mp4', contentType: 'video/mp4', bytes, onProgress };
    const context = contextOn(api, { base_url: '', upload_url: '' }, 'key');
    expect(await fal.upload?.(file, { ...context, timeoutMs: 30_000 })).toMatchObject({ outcome: 'uploaded' });
    expect(api.seen[0]?.url).toBe('/storage/upload/initiate-multipart?storage_type=fal-cdn-v3');
    const puts = sizes.filter(([name]) => name.startsWith('PUT'));
    expect(mostUnderWay).toBe(4);
    expect(puts.map(([name]) => name).sort()).toEqual(
      Array.from({ length: 10 }, (_, index) => `PUT /multi/abc/${index + 1}?sig=S`).sort(),
    );
    expect(puts.reduce((sum, [, size]) => sum + size, 0)).toBe(bytes);
    const partsSeen = storage.seen.map(({ url }) => /abc\/(\w+)/.exec(url)?.[1]);
    const bodyOf = (part: string) => storage.seen[partsSeen.indexOf(part)]?.body;
    expect(String(bodyOf('1')?.subarray(0, 4))).toBe('head');
    expect(String(bodyOf('10')?.subarray(-4))).toBe('tail');
    // The part that broke off twice went again, and no other.
    expect(partsSeen.filter((part) => part === '4')).toHaveLength(3);
    expect(partsSeen).toHaveLength(13);
    expect(Math.max(...progress)).toBe(bytes);
    const last = storage.seen.at(-1);
    expect(`${last?.method} ${last?.url}`).toBe('POST /multi/abc/complete?sig=S');
    const listed = JSON.parse(String(last?.body)).parts as { partNumber: number; etag: string }[];
    expect(listed.map(({ partNumber }) => partNumber)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const md5 = (part: string) => createHash('md5').update(bodyOf(part)!).digest('hex');
    expect([listed[0]?.etag, listed[9]?.etag]).toEqual([md5('1'), md5('10')]);
    expect(last?.headers.authorization).toBe(undefined);
  });

  it('begins a large file anew at a new address where the storage refuses that of a part', {
    timeout: 60_000,
  }, async () => {
    const bytes = 91_000_000;
    const path = join(directory, 'large.mp4');
    const handle = await open(path, 'w');
    await handle.truncate(bytes);
    await handle.close();
    api.answer(() => ({
      body: { upload_url: `${storage.url}/multi/${api.seen.length}?sig=S`, file_url: 'https://v3.fal.media/large.mp4' },
    }));
    storage.answer(({ url }) => (url.startsWith('/multi/1/3?') ? { status: 403 } : { body: {} }));
    const file = { path, name: 'large.mp4', contentType: 'video/mp4', bytes };
    const context = { ...contextOn(api, { base_url: '', upload_url: '' }, 'key'), timeoutMs: 30_000 };
    expect(await fal.upload?.(file, context)).toMatchObject({ outcome: 'uploaded' });
    expect(api.seen).toHaveLength(2);
    const second = storage.seen.filter(({ url }) => url.startsWith('/multi/2/'));
    expect(second.map(({ method }) => method).sort()).toEqual(['POST', ...Array(9).fill('PUT')]);
    expect(storage.seen.some(({ url }) => url.startsWith('/multi/1/complete'))).toBe(false);
  });

  it('sends nothing to an address without TLS elsewhere', async () => {
    api.answer(() => ({ body: { upload_url: 'http://storage.example/x', file_url: 'https://v3.fal.media/x' } }));
    const context = contextOn(api, { base_url: '', upload_url: '' }, 'key');
    expect(await fal.upload?.(await fileOf('x'), context)).toMatchObject({
      outcome: 'failed',
      failure: { message: 'the upload address is no https URL' },
    });
  });
});

it('VibeDream has no upload', () => {
  expect(vibedream.upload).toBe(undefined);
});
