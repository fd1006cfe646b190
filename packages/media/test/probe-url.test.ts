import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspect, MediaError, probe, probeImage } from '../src/index.js';
import { createMediaFetch } from '../src/media-fetch.js';
import { demo, fixture, useFolder } from './media-files.js';
import { type MediaServer, startMediaServer } from './media-server.js';
import { countedMp3, mp3Of } from './mp3-file.js';

const inFolder = useFolder();
let server: MediaServer;
let asked = 0;

beforeAll(async () => {
  const video = await readFile(demo('welcome.mp4'));
  const indexLast = await readFile(fixture('index-last.mp4'));
  const mp3 = await readFile(demo('audio/de/welcome.mp3'));
  const html = Buffer.from('<!doctype html><title>Sign in</title>');
  server = await startMediaServer({
    '/ranges.mp4': { body: video, ranges: true },
    '/plain.mp4': { body: video, ranges: false },
    '/ranges-index-last.mp4': { body: indexLast, ranges: true },
    '/plain-index-last.mp4': { body: indexLast, ranges: false },
    '/ranges.mp3': { body: mp3, ranges: true, contentType: 'audio/mpeg' },
    '/plain.mp3': { body: mp3, ranges: false, contentType: 'audio/mpeg' },
    ...served('noted', Buffer.concat([id3(3000), mp3])),
    ...served('joined', Buffer.concat([mp3, mp3, mp3])),
    ...served('joined-with-notes', Buffer.concat([id3(200_000), mp3, id3(70_000), mp3])),
    ...served('unsaid', speechAndPauses(2_000)),
    '/late-voice.mp3': { body: countedMp3(quietThenLoud(20_000, 2_000), 20_000), ranges: true },
    ...served('miscounted', countedMp3(Array<number>(2_000).fill(64), 500)),
    '/unsaid-long.mp3': { body: speechAndPauses(2_000), trailingZeros: 64 * 2 ** 20, ranges: true },
    '/large.mp4': {
      body: Buffer.concat([video, freeBox(256 * 2 ** 20)]),
      trailingZeros: 256 * 2 ** 20 - 8,
      ranges: true,
    },
    '/silence.m4a': { body: await readFile(fixture('silent-surround.m4a')), ranges: true },
    '/long-silence.wav': { body: wavHead(256 * 2 ** 20), trailingZeros: 256 * 2 ** 20, ranges: true },
    // A minute, of which the server has less than it says.
    '/cut-silence.wav': (request, response) => {
      const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const size = 44 + MINUTE_BYTES;
      const headers = { 'content-range': `bytes ${start}-${size - 1}/${size}`, 'content-length': size - start };
      response.writeHead(206, headers);
      const content = Buffer.concat([wavHead(MINUTE_BYTES), Buffer.alloc(2 ** 20)]).subarray(start);
      response.write(content, () => response.destroy());
    },
    // As servers do whose file has shrunk since they counted it.
    '/shrunk.mp3': (request, response) => {
      asked++;
      const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const size = mp3.length * 2;
      response.writeHead(206, { 'content-range': `bytes ${start}-${size - 1}/${size}` }).end(mp3.subarray(start));
    },
    '/stalled.mp4': (_, response) => {
      response.writeHead(200, { 'content-length': video.length });
      response.write(video.subarray(0, 2000));
    },
    '/film.avi': { body: await readFile(fixture('foreign.avi')), ranges: true },
    '/broken.wav': (_, response) => {
      response.writeHead(200, { 'content-length': 1_000_000 });
      response.write(wavHead(999_956).subarray(0, 20), () => response.destroy());
    },
    '/page.mp4': { body: html, ranges: false, contentType: 'text/html' },
    '/empty.mp4': { body: Buffer.alloc(0), ranges: true },
    '/mask.png': { body: await readFile(demo('welcome-mask.png')), ranges: true, contentType: 'image/png' },
    '/moved.mp4': (_, response) => response.writeHead(302, { location: '/ranges.mp4' }).end(),
    '/circle.mp4': (_, response) => response.writeHead(302, { location: '/circle.mp4?again' }).end(),
    '/elsewhere.mp4': (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    ...served('cut', countedMp3(Array<number>(2_000).fill(64), 2_000).subarray(0, 200_000)),
    '/expired.mp4': (_, response) => response.writeHead(403).end('<Error>expired</Error>'),
    '/silent.mp4': () => {
      asked++;
    },
    '/broken.mp4': (_, response) => {
      response.writeHead(200, { 'content-length': video.length });
      response.write(video.subarray(0, 2000), () => response.destroy());
    },
  });
});
afterAll(() => server.close());

/** The same content with ranges and without. */
function served(name: string, body: Buffer) {
  return { [`/${name}.mp3`]: { body, ranges: true }, [`/${name}-plain.mp3`]: { body, ranges: false } };
}

/** An MP3 that is quiet first and loud later, without a header that counts its frames. */
function speechAndPauses(frames: number): Buffer {
  return mp3Of(quietThenLoud(frames, frames / 4));
}

/** Kilobits of its frames. */
function quietThenLoud(frames: number, quiet: number): number[] {
  return Array.from({ length: frames }, (_, at) => (at < quiet ? 32 : 320));
}

/** A tag of so many bytes, of the kind that holds a cover. */
function id3(bytes: number): Buffer {
  const tag = Buffer.alloc(10 + bytes, 0xff);
  tag.write('ID3\x04\0\0', 'latin1');
  for (const [at, shift] of [21, 14, 7, 0].entries()) tag.writeUInt8((bytes >> shift) & 127, 6 + at);
  return tag;
}

const MINUTE_BYTES = 60 * 96_000;

/** What stands before so many bytes of sound at 48 kHz, 16 bit and one channel. */
function wavHead(bytes: number): Buffer {
  const head = Buffer.from(
    'RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\xbb\0\0\0\x77\x01\0\x02\0\x10\0data\0\0\0\0',
    'latin1',
  );
  head.writeUInt32LE(36 + bytes, 4);
  head.writeUInt32LE(bytes, 40);
  return head;
}

/** The head of an MP4 part that players skip. */
function freeBox(size: number): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(size, 0);
  head.write('free', 4, 'latin1');
  return head;
}

async function failure(path: string): Promise<MediaError> {
  const error = await probe(`${server.origin}${path}`).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!MediaError.isInstance(error)) throw new Error(`expected a MediaError, got ${String(error)}`);
  return error;
}

describe('probe of a URL', () => {
  it.each(['/ranges.mp4', '/plain.mp4', '/moved.mp4'])(
    'tells the same facts from %s as from the file',
    async (path) => {
      expect(await probe(`${server.origin}${path}`)).toEqual(await probe(demo('welcome.mp4')));
    },
  );

  it.each(['/ranges-index-last.mp4', '/plain-index-last.mp4'])('finds an index at the end: %s', async (path) => {
    expect(await probe(`${server.origin}${path}`)).toEqual(await probe(fixture('index-last.mp4')));
  });

  it.each(['/ranges.mp3', '/plain.mp3'])('measures %s', async (path) => {
    expect(await probe(`${server.origin}${path}`)).toEqual(await probe(demo('audio/de/welcome.mp3')));
  });

  it.each(['noted', 'joined', 'joined-with-notes', 'unsaid', 'miscounted'])(
    'measures an MP3 that may not say how long it is as the same file here: %s',
    async (name) => {
      const local = inFolder(`${name}.mp3`);
      const reply = await fetch(`${server.origin}/${name}.mp3`);
      await writeFile(local, Buffer.from(await reply.arrayBuffer()));
      const facts = await probe(local);
      expect(await probe(`${server.origin}/${name}.mp3`)).toEqual(facts);
      expect(await probe(`${server.origin}/${name}-plain.mp3`)).toEqual(facts);
    },
  );

  it('believes the header of an MP3 whose voice begins late, without reading all of it', async () => {
    const before = server.sentBytes;
    expect(await probe(`${server.origin}/late-voice.mp3`)).toMatchObject({ durationMs: 522_449 });
    expect(server.sentBytes - before).toBeLessThan(10_000_000);
  });

  it('guesses no length of an MP3 that is too large to be measured', async () => {
    expect(await probe(`${server.origin}/unsaid.mp3`)).toMatchObject({ durationMs: 52_245 });
    const before = server.sentBytes;
    expect(await failure('/unsaid-long.mp3')).toMatchObject({
      code: 'MEDIA_UNREADABLE',
      message: expect.stringContaining('state its `duration`'),
    });
    expect(server.sentBytes - before).toBeLessThan(24 * 2 ** 20);
  });

  it.each(['/ranges.mp3', '/plain.mp3'])('hears the voice in %s', async (path) => {
    expect(await inspect(`${server.origin}${path}`, { as: 'audio' })).toMatchObject({ silent: false });
  });

  it('hears the silence of what is there, and claims none where that would take long to fetch', async () => {
    expect(await inspect(`${server.origin}/silence.m4a`, { as: 'audio' })).toMatchObject({ silent: true });
    const before = server.sentBytes;
    expect(await inspect(`${server.origin}/long-silence.wav`, { as: 'audio' })).toMatchObject({ silent: null });
    // What is read ahead comes on top.
    expect(server.sentBytes - before).toBeLessThan(128 * 2 ** 20);
  });

  it('claims nothing of a sound that breaks off', async () => {
    const facts = await inspect(`${server.origin}/cut-silence.wav`, { as: 'audio' });
    expect(facts).toMatchObject({ durationMs: 60_000, silent: null });
  });

  it('does not fetch a large file to read its index', async () => {
    const before = server.sentBytes;
    const facts = await probe(`${server.origin}/large.mp4`);
    expect(facts).toMatchObject({ durationMs: 5480, container: 'mp4' });
    expect(facts.bytes).toBeGreaterThan(256 * 2 ** 20);
    expect(server.sentBytes - before).toBeLessThan(24 * 2 ** 20);
  });

  it('names the address without what may be a signature', async () => {
    const error = await failure('/expired.mp4?X-Signature=topsecret#x');
    expect(error).toMatchObject({
      code: 'MEDIA_UNREACHABLE',
      message: `${server.origin}/expired.mp4 answered with status 403`,
    });
  });

  it('tells an unreachable file from an unreadable one', async () => {
    expect(await failure('/nothing.mp4')).toMatchObject({ code: 'MEDIA_UNREACHABLE' });
    expect(await failure('/broken.mp4')).toMatchObject({ code: 'MEDIA_UNREACHABLE' });
    expect(await failure('/page.mp4')).toMatchObject({
      code: 'MEDIA_UNREADABLE',
      message: `${server.origin}/page.mp4 is a web page or XML text, which is neither audio nor video`,
    });
    expect(await failure('/film.avi')).toMatchObject({
      message: expect.stringMatching(/is an AVI file, .*ffmpeg -i in\.avi/),
    });
    expect(await failure('/broken.wav')).toMatchObject({ code: 'MEDIA_UNREACHABLE' });
    expect(await failure('/empty.mp4')).toMatchObject({ code: 'MEDIA_EMPTY' });
    const closed = await startMediaServer({});
    await closed.close();
    await expect(probe(`${closed.origin}/a.mp4?token=topsecret`)).rejects.toMatchObject({
      code: 'MEDIA_UNREACHABLE',
      message: `${closed.origin}/a.mp4 could not be reached`,
    });
  });

  it('tells an address that leads in a circle from one that cannot be reached', async () => {
    expect(await failure('/circle.mp4')).toMatchObject({
      code: 'MEDIA_UNREACHABLE',
      message: `${server.origin}/circle.mp4 is redirected again and again, without an end`,
    });
    expect(await failure('/elsewhere.mp4')).toMatchObject({
      message: `${server.origin}/elsewhere.mp4 could not be reached`,
    });
  });

  it.each(['cut', 'cut-plain'])('finds that the end of an MP3 is not there, as of a file here: %s', async (name) => {
    await expect(inspect(`${server.origin}/${name}.mp3`, { as: 'audio' })).rejects.toMatchObject({
      code: 'MEDIA_INCOMPLETE',
      message: expect.stringMatching(
        /cut(-plain)?\.mp3 is cut off: its header promises 52\.2 s, and it holds 2\d\.\d s/,
      ),
    });
    const miscounted = await inspect(`${server.origin}/miscounted.mp3`, { as: 'audio' });
    expect(miscounted.durationMs).toBe(52_245);
  });

  it('asks no more behind a body that ends before the range that it says it has', async () => {
    asked = 0;
    expect(await failure('/shrunk.mp3')).toMatchObject({
      code: 'MEDIA_UNREACHABLE',
      message: `${server.origin}/shrunk.mp3 stopped answering before its end`,
    });
    expect(asked).toBeLessThan(4);
  });

  it('gives up on a body that begins and falls silent', async () => {
    const web = createMediaFetch(`${server.origin}/stalled.mp4`, 300);
    const response = await web.fetch(`${server.origin}/stalled.mp4`);
    const message = `${server.origin}/stalled.mp4 stopped answering before its end and sent nothing for 0.3 s`;
    await expect(response.arrayBuffer()).rejects.toMatchObject({ code: 'MEDIA_UNREACHABLE', message });
    expect(web.failure()).toMatchObject({ message });
  });

  it('stops at once when aborted while the server is silent', async () => {
    asked = 0;
    const controller = new AbortController();
    const reason = new Error('enough');
    const probing = probe(`${server.origin}/silent.mp4`, { signal: controller.signal });
    await expect.poll(() => asked).toBe(1);
    controller.abort(reason);
    await expect(probing).rejects.toBe(reason);
  });

  it('reads the size of an image', async () => {
    expect(await probeImage(`${server.origin}/mask.png?sig=1`)).toEqual({ format: 'png', width: 1280, height: 720 });
    await expect(probeImage(`${server.origin}/page.mp4`)).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE' });
    await expect(probeImage(`${server.origin}/nothing.png`)).rejects.toMatchObject({ code: 'MEDIA_UNREACHABLE' });
    await expect(probeImage(`${server.origin}/empty.mp4`)).rejects.toMatchObject({ code: 'MEDIA_EMPTY' });
  });
});
