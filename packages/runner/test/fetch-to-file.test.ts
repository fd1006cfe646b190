import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchToFile } from '../src/http/fetch-to-file.js';

/** Smaller than what is worth resuming after a kill, and larger: such a one is written as it comes. */
const SIZES = [
  { kind: 'small', first: Buffer.alloc(100_000, 'a'), other: Buffer.alloc(60_000, 'b') },
  { kind: 'large', first: Buffer.alloc(1_500_000, 'a'), other: Buffer.alloc(1_200_000, 'b') },
];

let server: Server;
let dir: string;
let path: string;
let seen: IncomingHttpHeaders[] = [];
let arrived = 0;
/** Answers the next requests, in order. */
let answers: ((response: ServerResponse, from: number) => void)[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'localize-fetch-'));
  path = join(dir, 'out.mp4.part');
  seen = [];
  arrived = 0;
  server = createServer((request, response) => {
    seen.push(request.headers);
    answers.shift()?.(response, Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(dir, { recursive: true, force: true });
});

/** @returns what came */
async function fetchIt(): Promise<Buffer> {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/out.mp4`;
  const { bytes, content } = await fetchToFile(url, path, {
    signal: new AbortController().signal,
    onProgress: (so) => {
      arrived = so;
    },
    onExchange: () => undefined,
  });
  const came = content ?? readFileSync(path);
  expect(came.length).toBe(bytes);
  return came;
}

/** Announces the whole object and cuts the connection once the first part of it has come. */
function cut(object: Buffer, headers: Record<string, string>) {
  return (response: ServerResponse) => {
    response.writeHead(200, { 'content-length': object.length, ...headers });
    response.write(object.subarray(0, 40_000));
    const timer = setInterval(() => {
      if (arrived < 40_000) return;
      clearInterval(timer);
      response.destroy();
    }, 5);
  };
}

function rest(bytes: Buffer, from: number) {
  return (response: ServerResponse) => {
    const range = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
    response
      .writeHead(206, { 'content-length': bytes.length - from, 'content-range': range })
      .end(bytes.subarray(from));
  };
}

const whole = (bytes: Buffer) => (response: ServerResponse) =>
  void response.writeHead(200, { 'content-length': bytes.length }).end(bytes);

async function cutOnce(object: Buffer, headers: Record<string, string>): Promise<number> {
  answers = [cut(object, headers)];
  await expect(fetchIt()).rejects.toMatchObject({ kind: 'network' });
  return readFileSync(path).length;
}

describe.each(SIZES)('a $kind download that was cut', ({ first, other }) => {
  it('goes on where it stopped, by Range with If-Range, and carries no key', async () => {
    const got = await cutOnce(first, { etag: '"one"' });
    answers = [(response, from) => rest(first, from)(response)];
    expect((await fetchIt()).equals(first)).toBe(true);
    expect(seen[1]).toMatchObject({ range: `bytes=${got}-`, 'if-range': '"one"' });
    expect(seen.flatMap((headers) => Object.keys(headers)).filter((name) => /auth|key|cookie/.test(name))).toEqual([]);
  });

  it('starts over when the object is another one by now', async () => {
    await cutOnce(first, { etag: '"one"' });
    answers = [whole(other)];
    expect((await fetchIt()).equals(other)).toBe(true);
    expect(existsSync(`${path}.validator`)).toBe(false);
  });

  it('starts over where only a weak validator is known, which does not promise equal bytes', async () => {
    await cutOnce(first, { etag: 'W/"one"' });
    answers = [whole(first)];
    expect((await fetchIt()).equals(first)).toBe(true);
    expect(seen[1]?.range).toBeUndefined();
  });

  it('takes no part that begins elsewhere than it was asked for', async () => {
    await cutOnce(first, { etag: '"one"' });
    answers = [rest(first, 50_000)];
    await expect(fetchIt()).rejects.toMatchObject({ kind: 'network' });
    expect(existsSync(path)).toBe(false);
    answers = [whole(first)];
    expect((await fetchIt()).equals(first)).toBe(true);
  });

  it('forgets a part that is longer than the object', async () => {
    await cutOnce(first, { etag: '"one"' });
    answers = [(response) => void response.writeHead(416).end(), whole(other)];
    await expect(fetchIt()).rejects.toMatchObject({ kind: 'network' });
    expect((await fetchIt()).equals(other)).toBe(true);
  });
});
