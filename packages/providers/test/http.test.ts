import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { type CallContext, secret } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sendCreate, sendJson } from '../src/http/send-json.js';
import { segment } from '../src/http/url.js';
import { type ScriptedServer, startScriptedServer } from '../testing/scripted-server.js';

let server: ScriptedServer;
beforeEach(async () => {
  server = await startScriptedServer(() => ({ body: { id: 'x' } }));
});
afterEach(() => server.close());

function context(base: string, more: Partial<CallContext> = {}, key = 'key-0123456789'): CallContext {
  return { connection: { hosts: { base_url: base }, auth: 'bearer', key: secret(key) }, timeoutMs: 2000, ...more };
}

const CREATE = { host: 'base_url', path: '/create', body: { a: 1 } };
const POLL = { method: 'GET', host: 'base_url', path: '/poll' } as const;

describe('a create over HTTP', () => {
  it('is unsent when the host name is unknown', async () => {
    const result = await sendCreate(context('http://no-such-host.invalid'), CREATE);
    expect(result).toMatchObject({ arrived: false, sent: false, failure: { kind: 'network' } });
  });

  it('is unsent when the connection is not made in time, at once and for good', async () => {
    // A listener that accepts nothing: TLS never gets an answer to its first message.
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const startedAt = performance.now();
    const result = await sendCreate(context(`https://127.0.0.1:${port}`, { timeoutMs: 200 }), CREATE);
    expect(performance.now() - startedAt).toBeLessThan(1500);
    expect(result).toMatchObject({ arrived: false, sent: false, failure: { code: 'TIMEOUT' } });
    silent.close();
  });

  it('is sent as soon as the request was written, answered or not', async () => {
    server.answer(() => undefined);
    const result = await sendCreate(context(server.url, { timeoutMs: 1_500 }), CREATE);
    expect(result).toMatchObject({ arrived: false, sent: true });
    expect(server.seen).toHaveLength(1);
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
  ] as const)(
    'is read, as polls are, where its reply was compressed by %s in spite of our wish',
    async (name, pack) => {
      const body = pack(JSON.stringify({ id: 'bought' }));
      server.answer((_seen, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': name });
        response.end(body);
        return undefined;
      });
      expect(await sendCreate(context(server.url), CREATE)).toMatchObject({ arrived: true, json: { id: 'bought' } });
      expect(await sendJson(context(server.url), POLL)).toMatchObject({ arrived: true, json: { id: 'bought' } });
      expect(server.seen[0]?.headers['accept-encoding']).toBe('identity');
    },
  );

  it('tells nothing where its compressed reply is broken', async () => {
    server.answer((_seen, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end('{"id":"plain"}');
      return undefined;
    });
    expect(await sendCreate(context(server.url), CREATE)).toMatchObject({ arrived: false, sent: true });
    expect(await sendJson(context(server.url), POLL)).toMatchObject({ arrived: false });
  });

  it('is a refusal once its status line is here, whatever becomes of the body', async () => {
    server.answer((_seen, response) => {
      response.writeHead(422, { 'content-length': 100 });
      response.write('{"de', () => response.destroy());
      return undefined;
    });
    expect(await sendCreate(context(server.url), CREATE)).toMatchObject({ arrived: true, status: 422, text: '' });
  });

  it('is never repeated, not even on a socket that closes without a byte', async () => {
    let connections = 0;
    const closing = createServer((socket) => {
      connections += 1;
      socket.once('data', () => socket.destroy());
    });
    await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve));
    const { port } = closing.address() as AddressInfo;
    const result = await sendCreate(context(`http://127.0.0.1:${port}`), CREATE);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(result).toMatchObject({ arrived: false, sent: true });
    expect(connections).toBe(1);
    closing.close();
  });

  it('gives up on a reply without end', async () => {
    server.answer((_seen, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const chunk = Buffer.alloc(1024 * 1024, 0x20);
      const more = () => {
        while (!response.destroyed && response.write(chunk)) {}
      };
      response.on('drain', more);
      more();
      return undefined;
    });
    const result = await sendCreate(context(server.url, { timeoutMs: 10_000 }), CREATE);
    expect(result).toMatchObject({ arrived: false, sent: true, failure: { code: 'UND_ERR_RES_EXCEEDED_MAX_SIZE' } });
  });

  it.each(['', 'with space', 'line\nbreak', 'ключ'])('sends nothing with the key %j', async (key) => {
    const result = await sendCreate(context(server.url, {}, key), CREATE);
    expect(result).toMatchObject({ arrived: false, sent: false, failure: { kind: 'auth' } });
    if (key !== '') expect(JSON.stringify(result)).not.toContain(key);
    expect(server.seen).toHaveLength(0);
  });
});

describe('a poll over HTTP', () => {
  it('keeps its connections', async () => {
    for (let polls = 0; polls < 10; polls += 1) await sendJson(context(server.url), POLL);
    // A second one may be opened while the first is still finishing its reply.
    expect(Math.max(...server.seen.map((seen) => seen.connection))).toBeLessThanOrEqual(2);
  });

  it('opens a bounded number of connections, however many are asked at once', { timeout: 90_000 }, async () => {
    server.answer(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return { body: {} };
    });
    const patient = context(server.url, { timeoutMs: 60_000 });
    await Promise.all(Array.from({ length: 400 }, () => sendJson(patient, POLL)));
    expect(server.seen).toHaveLength(400);
    expect(Math.max(...server.seen.map((seen) => seen.connection))).toBeLessThanOrEqual(128);
  });

  it('asks for a body that it can read', async () => {
    await sendJson(context(server.url), POLL);
    expect(server.seen[0]?.headers).toMatchObject({ accept: 'application/json', 'accept-encoding': 'identity' });
  });

  it('takes a base with a trailing slash', async () => {
    await sendJson(context(`${server.url}/v1/`), POLL);
    expect(server.seen[0]?.url).toBe('/v1/poll');
  });
});

describe('an id in a path', () => {
  it.each(['..', '.', 'a/b', 'a?b', 'a#b', '%2e%2e', 'a b', 'ünï'])('%j stays one segment', (id) => {
    const url = new URL(`https://host/base/${segment(id)}/end`);
    expect(url.pathname.split('/')).toHaveLength(4);
    expect(url.pathname.startsWith('/base/')).toBe(true);
    expect(url.search + url.hash).toBe('');
  });
});
