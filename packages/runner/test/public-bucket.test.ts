import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { checkPublicUrl, createBucketStaging } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { type BucketServer, bucketCredentialsOfTest, bucketServer } from '../testing/bucket-server.js';

const LANGUAGES = ['de', 'fr', 'ja'];

let batch: BatchFixture;
let bucket: BucketServer;
beforeEach(async () => {
  [batch, bucket] = await Promise.all([batchFixture(LANGUAGES), bucketServer()]);
});
afterEach(() => Promise.all([batch.close(), bucket.close()]));

/** A host before the bucket, as the world sees it, with what it was asked. */
async function publicHost(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.headers.range} ${request.headers.authorization}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/media` };
}

/** Serves the bucket's objects to GET alone, and knows no ranges. */
function serve(request: IncomingMessage, response: ServerResponse) {
  if (request.method !== 'GET') return response.writeHead(405).end();
  response.end(readFileSync(bucket.pathOf((request.url ?? '').replace('/media/', ''))));
}

function run(publicBaseUrl: string) {
  return batch.run({ staging: createBucketStaging({ ...bucket.settings, publicBaseUrl }, bucketCredentialsOfTest) });
}

describe('a bucket whose objects are public', () => {
  it('is looked at once a run, without credentials, before the first create', async () => {
    const host = await publicHost(serve);
    expect((await run(host.url)).exit).toBe(0);
    expect(host.asked).toEqual(['GET bytes=0-0 undefined']);
    expect(batch.scripted.starts).toHaveLength(3);
    expect(batch.events.filter(({ type }) => type === 'problem')).toEqual([]);
  });

  it.each([
    ['answered 404', (response: ServerResponse) => response.writeHead(404).end()],
    ['answered 403', (response: ServerResponse) => response.writeHead(403).end()],
    ['answered 416', (response: ServerResponse) => response.writeHead(416).end()],
    ['answered 204', (response: ServerResponse) => response.writeHead(204).end()],
    ['redirects without an end', (response: ServerResponse) => response.writeHead(302, { location: '/again' }).end()],
    [
      'answered with a web page',
      (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
    ],
    ['has 3 bytes', (response: ServerResponse) => response.end('abc')],
  ])('buys nothing where its URL %s', async (words, answer) => {
    const host = await publicHost((_request, response) => answer(response));
    expect((await run(host.url)).exit).toBe(1);
    expect(batch.scripted.starts).toHaveLength(0);
    const { jobs } = batch.snapshot();
    expect(jobs.map(({ state, holdReason }) => `${state} ${holdReason}`)).toEqual(Array(3).fill('held upload-failed'));
    expect(jobs[0]?.reason).toContain(words);
    expect(jobs[0]?.reason).toContain('mend staging.s3.public_base_url');
  });

  it('warns once, and goes on, where it cannot be reached from here', async () => {
    expect((await run('http://127.0.0.1:9')).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(3);
    const said = batch.events.filter(({ type }) => type === 'problem');
    expect(said).toMatchObject([{ message: expect.stringContaining('could not be looked at from here: ') }]);
  });

  it.each([
    ['answered 503', (response: ServerResponse) => response.writeHead(503).end()],
    ['answered 429', (response: ServerResponse) => response.writeHead(429).end()],
    ['could not be looked at from here: ', (response: ServerResponse) => response.destroy()],
  ])('says that it goes on and buys where its URL %s', async (words, answer) => {
    const host = await publicHost((_request, response) => answer(response));
    expect((await run(host.url)).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(3);
    const said = batch.events.flatMap((event) => (event.type === 'problem' ? [event.message] : []));
    expect(said).toEqual([expect.stringMatching(new RegExp(`${words}.*; the run goes on and buys`))]);
  });

  it('takes an object that is behind a redirect', async () => {
    const host = await publicHost((request, response) => {
      if (request.url?.startsWith('/media/')) serve(request, response);
      else response.writeHead(302, { location: `/media${request.url}` }).end();
    });
    expect((await run(host.url.replace('/media', ''))).exit).toBe(0);
    expect(batch.events.filter(({ type }) => type === 'problem')).toEqual([]);
  });

  it('is looked at by name, for who asks before a run', async () => {
    await bucket.close();
    bucket = await bucketServer({ trusting: true });
    const host = await publicHost(serve);
    const look = (publicBaseUrl: string) =>
      checkPublicUrl({ ...bucket.settings, publicBaseUrl }, bucketCredentialsOfTest, new AbortController().signal);
    expect(await look(host.url)).toBe('nothing-there');
    await run(host.url);
    expect(await look(host.url)).toEqual({ unclear: null });
    const wrong = await publicHost((_request, response) => response.writeHead(404).end());
    await expect(look(wrong.url)).rejects.toThrow('answered 404: mend staging.s3.public_base_url');
  });
});
