import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchToFile } from '../src/http/fetch-to-file.js';
import { forgetPart } from '../src/http/part-file.js';

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

const urlOf = (host: Server) => `http://127.0.0.1:${(host.address() as AddressInfo).port}/out.mp4`;

/** @returns what came, which then has its place elsewhere */
async function fetchIt(): Promise<Buffer> {
  const came = await fetchOnly();
  await forgetPart(path);
  return came;
}

async function fetchOnly(query = ''): Promise<Buffer> {
  const { bytes, content } = await fetchToFile(`${urlOf(server)}${query}`, path, {
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
    whenArrived(40_000, () => response.destroy());
  };
}

/** Once so much of it is written down here. */
function whenArrived(bytes: number, then: () => void): void {
  const timer = setInterval(() => {
    if (arrived < bytes) return;
    clearInterval(timer);
    then();
  }, 5);
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

describe('a host that closes the connection behind the last byte', () => {
  const object = Buffer.alloc(3_000_000, 'v');

  it('ends neither the run nor the download, whether it tells the length or not', async () => {
    const close = { connection: 'close' };
    for (const length of [{ 'content-length': object.length }, { 'transfer-encoding': 'identity' }]) {
      answers = Array.from({ length: 8 }, () => (response: ServerResponse) => {
        response.writeHead(200, { ...close, ...length });
        response.end(object);
      });
      for (let nth = 0; nth < 8; nth += 1) expect((await fetchIt()).equals(object)).toBe(true);
    }
  });
});

describe('a download that breaks off', () => {
  const object = Buffer.alloc(100_000, 'v');

  it.each([
    ['which its host closes', { 'content-length': object.length }, '40000 of 100000 bytes'],
    ['of a length that nobody has told', {}, '40000 of an unknown number of bytes'],
  ])('says how much has come of what was promised: one %s', async (_, length, words) => {
    answers = [
      (response) => {
        response.writeHead(200, length);
        response.write(object.subarray(0, 40_000));
        whenArrived(40_000, () => response.destroy());
      },
    ];
    const message = `the download broke off at ${words}: the connection was closed`;
    await expect(fetchIt()).rejects.toMatchObject({ kind: 'network', message });
  });

  it('says so too where fewer bytes than promised come, and then nothing more', async () => {
    answers = [
      (response) => {
        response.writeHead(200, { 'content-length': object.length + 1_000, connection: 'close' }).write(object);
        whenArrived(object.length, () => response.socket?.end());
      },
    ];
    const message = 'the download broke off at 100000 of 101000 bytes: the connection was closed';
    await expect(fetchIt()).rejects.toMatchObject({ kind: 'network', message });
  });
});

describe('connections', () => {
  it('are kept for the next result, which is asked for anew where the host has ended its connection', async () => {
    const ports = new Set<number | undefined>();
    const answer = (bytes: Buffer) => (response: ServerResponse) => {
      ports.add(response.socket?.remotePort);
      whole(bytes)(response);
    };
    const results = ['first', 'second', 'third'].map((words) => Buffer.from(words));
    const [first, second, third] = results as [Buffer, Buffer, Buffer];
    answers = [answer(first), answer(second), (response) => response.destroy(), answer(third)];

    expect([await fetchIt(), await fetchIt()]).toEqual([first, second]);
    expect(ports.size).toBe(1);

    expect(await fetchIt()).toEqual(third);
    expect(ports.size).toBe(2);
    expect(seen).toHaveLength(4);
  });
});

describe('a redirect', () => {
  it('is followed, as often as is reasonable, and to no file', async () => {
    const redirect = (location: string) => (response: ServerResponse) => response.writeHead(302, { location }).end();
    answers = [redirect('/there'), (response) => response.end('a video')];
    expect((await fetchIt()).toString()).toBe('a video');
    answers = Array.from({ length: 6 }, () => redirect('/there'));
    await expect(fetchIt()).rejects.toMatchObject({ kind: 'network', message: expect.stringContaining('redirects') });
    answers = [redirect('file:///etc/passwd')];
    await expect(fetchIt()).rejects.toMatchObject({ kind: 'network', message: expect.stringContaining('not http') });
  });
});

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

  it('starts over after the machine has: a part that was never synced may have other bytes by then', async () => {
    const got = await cutOnce(first, { etag: '"one"' });
    writeFileSync(path, Buffer.alloc(got));
    const marker = `${path}.validator`;
    const [validator] = readFileSync(marker, 'utf8').split('\n');
    for (const earlier of [`${validator}\nan-earlier-boot`, validator!]) {
      writeFileSync(marker, earlier);
      answers = [whole(first)];
      expect((await fetchIt()).equals(first)).toBe(true);
      expect(seen.at(-1)?.range).toBeUndefined();
      writeFileSync(path, Buffer.alloc(got));
    }
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

describe.each(SIZES)('a $kind download from a host that gives less than it is asked for', ({ first, other }) => {
  const STEP = 30_000;
  const piece = (object: Buffer, headers: Record<string, string>) => (response: ServerResponse, from: number) => {
    const end = Math.min(from + STEP, object.length);
    const range = { 'content-range': `bytes ${from}-${end - 1}/${object.length}`, 'content-length': end - from };
    response.writeHead(206, { ...range, ...headers }).end(object.subarray(from, end));
  };
  const pieces = (object: Buffer, headers: Record<string, string>) =>
    Array.from({ length: Math.ceil(object.length / STEP) }, () => piece(object, headers));

  it('asks for the rest, piece by piece, and is whole at the end', async () => {
    const got = await cutOnce(first, { etag: '"one"' });
    answers = pieces(first, { etag: '"one"' });
    expect((await fetchIt()).equals(first)).toBe(true);
    const asked = Array.from({ length: 3 }, (_, index) => `bytes=${got + index * STEP}-`);
    expect(seen.slice(1, 4).map(({ range }) => range)).toEqual(
      first.length - got > 2 * STEP ? asked : asked.slice(0, 2),
    );
    // Also where nobody has asked for a part.
    rmSync(path, { force: true });
    answers = pieces(other, { etag: '"two"' });
    expect((await fetchIt()).equals(other)).toBe(true);
  });

  it('ends where nothing names the version that the rest would be of', async () => {
    answers = pieces(first, {});
    await expect(fetchIt()).rejects.toMatchObject({ kind: 'network', message: expect.stringContaining('broke off') });
    expect(seen).toHaveLength(1);
  });
});

describe.each(SIZES)('a $kind download that comes encoded, unasked', ({ first }) => {
  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('is decoded: %s', async (coding, encode) => {
    const sent = encode(first);
    const headers = { 'content-length': sent.length, 'content-encoding': coding, etag: '"one"' };
    answers = [(response) => void response.writeHead(200, headers).end(sent)];
    expect((await fetchIt()).equals(first)).toBe(true);
    expect(seen[0]?.['accept-encoding']).toBe('identity');
    // A cut one starts over: its bytes are none that a range counts.
    answers = [
      (response) => void response.writeHead(200, { ...headers, 'content-length': 20 }).end(sent.subarray(0, 20)),
      (response) => void response.writeHead(200, headers).end(sent),
    ];
    await expect(fetchIt()).rejects.toMatchObject({ kind: 'network' });
    expect((await fetchIt()).equals(first)).toBe(true);
    expect(seen.at(-1)?.range).toBeUndefined();
  });

  it('is refused by name where nobody here knows the coding, and what is there already is kept', async () => {
    const got = await cutOnce(first, { etag: '"one"' });
    answers = [(response) => void response.writeHead(200, { 'content-encoding': 'zip-9' }).end('anything')];
    await expect(fetchIt()).rejects.toMatchObject({ kind: 'network', message: expect.stringContaining('zip-9') });
    expect(readFileSync(path)).toHaveLength(got);
  });
});

describe.each(SIZES)('a $kind download whose process was killed with SIGKILL', ({ kind, first }) => {
  const CHILD = fileURLToPath(new URL('../testing/download-child.mjs', import.meta.url));
  const SENT = 80_000;

  /** Sends a part of it and then nothing more; killed once all that has come. */
  async function killed(): Promise<void> {
    answers = [
      (response) => {
        response.writeHead(200, { 'content-length': first.length, etag: '"one"' });
        response.write(first.subarray(0, SENT));
      },
    ];
    const child = spawn(process.execPath, [CHILD, urlOf(server), path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
    for await (const said of child.stdout) if (String(said).trim().endsWith(`${SENT}`)) break;
    child.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
  }

  const outcome = { small: 'starts over', large: 'goes on where it was, by Range with If-Range' }[kind];
  it(`${outcome}, and is whole at the end`, async () => {
    await killed();
    answers = [kind === 'large' ? (response, from) => rest(first, from)(response) : whole(first)];
    expect((await fetchIt()).equals(first)).toBe(true);
    const asked = kind === 'large' ? { range: `bytes=${SENT}-`, 'if-range': '"one"' } : { range: undefined };
    expect({ range: seen[1]?.range, 'if-range': seen[1]?.['if-range'] }).toMatchObject(asked);
    expect(existsSync(`${path}.validator`)).toBe(false);
  });
});

describe('a large download that is whole, and whose process dies before the video has its place', () => {
  const { first, other } = SIZES.find(({ kind }) => kind === 'large')!;

  it('is not asked for again, since its host may have it no more, until its part is forgotten', async () => {
    answers = [whole(first)];
    await fetchOnly();
    answers = [(response) => void response.writeHead(404).end()];
    expect((await fetchOnly()).equals(first)).toBe(true);
    expect(seen).toHaveLength(1);
    await forgetPart(path);
    expect(readdirSync(dir)).toEqual([]);
    await expect(fetchOnly()).rejects.toMatchObject({ kind: 'gone' });
  });

  it('is nothing of another address, nor where bytes of it are missing', async () => {
    answers = [whole(first), whole(other), whole(other)];
    await fetchOnly();
    expect((await fetchOnly('?another')).equals(other)).toBe(true);
    truncateSync(path, other.length - 1);
    expect((await fetchOnly('?another')).equals(other)).toBe(true);
    expect(seen).toHaveLength(3);
    expect(seen.map(({ range }) => range)).toEqual([undefined, undefined, undefined]);
  });
});
