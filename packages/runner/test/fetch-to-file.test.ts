import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchToFile } from '../src/http/fetch-to-file.js';
import type { WholeFile } from '../src/http/part-file.js';

const FIRST = Buffer.alloc(100_000, 'a');
const OTHER = Buffer.alloc(60_000, 'b');

let server: Server;
let dir: string;
let path: string;
let seen: IncomingHttpHeaders[] = [];
/** Answers the next requests, in order. */
let answers: ((response: ServerResponse, from: number) => void)[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'localize-fetch-'));
  path = join(dir, 'out.mp4.part');
  seen = [];
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

function fetchIt(): Promise<WholeFile> {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/out.mp4`;
  return fetchToFile(url, path, {
    signal: new AbortController().signal,
    onProgress: () => undefined,
    onExchange: () => undefined,
  });
}

/** Announces the whole object and cuts the connection once the first part of it is in the file. */
function cut(headers: Record<string, string>) {
  return (response: ServerResponse) => {
    response.writeHead(200, { 'content-length': FIRST.length, ...headers });
    response.write(FIRST.subarray(0, 40_000));
    const timer = setInterval(() => {
      if (!existsSync(path) || statSync(path).size < 40_000) return;
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

async function cutOnce(headers: Record<string, string>): Promise<number> {
  answers = [cut(headers)];
  await expect(fetchIt()).rejects.toMatchObject({ kind: 'network' });
  return readFileSync(path).length;
}

describe('a download that was cut', () => {
  it('goes on where it stopped, by Range with If-Range, and carries no key', async () => {
    const got = await cutOnce({ etag: '"one"' });
    answers = [(response, from) => rest(FIRST, from)(response)];
    await fetchIt();
    expect(seen[1]).toMatchObject({ range: `bytes=${got}-`, 'if-range': '"one"' });
    expect(readFileSync(path).equals(FIRST)).toBe(true);
    expect(seen.flatMap((headers) => Object.keys(headers)).filter((name) => /auth|key|cookie/.test(name))).toEqual([]);
  });

  it('starts over when the object is another one by now', async () => {
    await cutOnce({ etag: '"one"' });
    answers = [whole(OTHER)];
    await fetchIt();
    expect(readFileSync(path).equals(OTHER)).toBe(true);
  });

  it('starts over where only a weak validator is known, which does not promise equal bytes', async () => {
    await cutOnce({ etag: 'W/"one"' });
    answers = [whole(FIRST)];
    await fetchIt();
    expect(seen[1]?.range).toBeUndefined();
    expect(readFileSync(path).equals(FIRST)).toBe(true);
  });

  it('takes no part that begins elsewhere than it was asked for', async () => {
    await cutOnce({ etag: '"one"' });
    answers = [rest(FIRST, 50_000)];
    await expect(fetchIt()).rejects.toMatchObject({ kind: 'network' });
    expect(existsSync(path)).toBe(false);
    answers = [whole(FIRST)];
    await fetchIt();
    expect(readFileSync(path).equals(FIRST)).toBe(true);
  });

  it('forgets a part that is longer than the object', async () => {
    await cutOnce({ etag: '"one"' });
    answers = [(response) => void response.writeHead(416).end(), whole(OTHER)];
    await expect(fetchIt()).rejects.toMatchObject({ kind: 'network' });
    await fetchIt();
    expect(readFileSync(path).equals(OTHER)).toBe(true);
  });
});
