import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createOf, FACE, keyHeaders, mediaFixture, ROUTE_KEYS, type RouteKey, startBench } from './support/bench.js';

/** Route, inputs laid over good ones, and the status that the page (or an assumption marked in the source) gives. */
const TABLE: readonly (readonly [RouteKey, Record<string, unknown>, number])[] = [
  ['vibedream', { audio: undefined }, 400],
  ['vibedream', { video: 7 }, 400],
  ['vibedream', { seed: 1000 }, 200],
  ['vibedream', { seed: 1001 }, 400],
  ['vibedream', { seed: -1 }, 400],
  ['vibedream', { seed: 1.5 }, 400],
  ['vibedream', { resolution: '480p' }, 400],
  ['vibedream', { audio: 'data:audio/wav;base64,AAAA' }, 400],
  ['vibedream', { audio: 'https://example.com/a.mp3' }, 200],
  ['eachlabs', { audio: undefined }, 400],
  ['eachlabs', { resolution: '720p', seed: 1 }, 200],
  ['eachlabs', { resolution: '1080p' }, 400],
  ['eachlabs', { seed: 0 }, 400],
  ['eachlabs', { seed: -1 }, 400],
  ['eachlabs', { seed: 2147483647 }, 200],
  ['eachlabs', { seed: 2147483648 }, 400],
  ['eachlabs', { order: 'meanwhile' }, 400],
  ['eachlabs', { audio: 'data:audio/wav;base64,AAAA' }, 400],
  ['eachlabs', { audio: 'http://localhost:1/a.wav' }, 400],
  ['eachlabs', { audio: 'http://example.com/a.wav' }, 400],
  ['eachlabs', { audio: 'https://example.com/a.wav' }, 200],
  ['wavespeed', { audio: undefined }, 400],
  ['wavespeed', { video: undefined, audio: undefined, seed: -1, resolution: '480p' }, 400],
  ['wavespeed', { seed: -1, resolution: '720p', prompt: '' }, 200],
  ['wavespeed', { seed: -2 }, 400],
  ['wavespeed', { seed: 2147483648 }, 400],
  ['wavespeed', { resolution: '1080p' }, 400],
  ['wavespeed', { mask: 'x' }, 400],
  ['wavespeed', { audio: 'https://example.com/a.wav' }, 200],
  ['multi', { right_audio: undefined }, 400],
  ['multi', { order: 'left_right', seed: 7 }, 200],
  ['multi', { order: 'sideways' }, 400],
  ['multi', { resolution: '480p' }, 400],
  ['fal', { prompt: undefined }, 422],
  ['fal', { num_frames: 40 }, 422],
  ['fal', { num_frames: 41 }, 200],
  ['fal', { num_frames: 721 }, 200],
  ['fal', { num_frames: 722 }, 422],
  ['fal', { num_frames: '81' }, 422],
  ['fal', { acceleration: 'max' }, 422],
  ['fal', { acceleration: 'high', resolution: '720p', seed: null }, 200],
  ['fal', { mask_image: 'x' }, 422],
];

describe('what each route takes', () => {
  it.each(TABLE)('%s with %j is answered %i', async (route, inputs, status) => {
    const bench = await startBench();
    const answer = await bench.create(route, inputs);
    expect(answer.status, JSON.stringify(answer.body)).toBe(status);
    const [seen] = bench.emulator.ledger().creates;
    expect(seen?.reason).toBe(status === 200 ? 'created' : 'refused-by-validation');
  });
});

describe('how each provider says no', () => {
  it('eachlabs: {status, message, details}; 404 for another model, 422 for what is no JSON', async () => {
    const bench = await startBench();
    const { body } = await bench.create('eachlabs', { seed: 0 });
    expect(body).toEqual({ status: 'error', message: expect.any(String), details: expect.stringContaining('seed') });
    const url = `${bench.emulator.endpoints.eachlabs.baseUrl}/prediction`;
    const key = { 'x-api-key': 'k', 'x-request-id': 'mine' };
    const other = await bench.post(url, { model: 'other', input: {} }, key);
    expect([other.status, other.headers.get('x-request-id')]).toEqual([404, 'mine']);
    expect((await bench.post(url, '{"model":', key)).status).toBe(422);
    expect((await bench.post(url, { model: 'infinitalk-video-to-video' }, { authorization: 'Bearer k' })).status).toBe(
      400,
    );
  });

  it('fal: one entry of detail for each field', async () => {
    const bench = await startBench();
    const { body } = await bench.create('fal', { prompt: undefined, num_frames: 40 });
    expect(body.detail).toEqual([
      {
        loc: ['body', 'prompt'],
        msg: 'Field required',
        type: 'missing',
        url: expect.any(String),
        input: expect.any(Object),
      },
      expect.objectContaining({ loc: ['body', 'num_frames'], type: 'greater_than_equal', ctx: { ge: 41 }, input: 40 }),
    ]);
  });

  it('wavespeed and vibedream: a code and a message, an error', async () => {
    const bench = await startBench();
    expect((await bench.create('wavespeed', { seed: -2 })).body).toEqual({ code: 400, message: expect.any(String) });
    expect((await bench.create('vibedream', { seed: -2 })).body).toEqual({ error: expect.any(String) });
  });
});

it.each(['vibedream', 'eachlabs', 'wavespeed', 'fal'] as const)('%s refuses what is nested too deep', async (route) => {
  const bench = await startBench();
  const { url, body } = await createOf(bench, route, { prompt: 'deep' });
  const deep = JSON.stringify(body).replace('"deep"', '['.repeat(6_000) + ']'.repeat(6_000));
  const { status } = await bench.post(url, deep, keyHeaders(route, 'test-key'));
  expect([400, 422]).toContain(status);
  expect(bench.emulator.ledger().creates).toMatchObject([{ reason: 'refused-by-validation' }]);
});

const DIALECTS = [
  ['vibedream', 400, (words: string) => ({ error: words })],
  ['eachlabs', 422, (words: string) => ({ status: 'error', message: 'Payload too large', details: words })],
  ['wavespeed', 400, (code: string) => ({ code: 413, message: code })],
  ['fal', 422, (words: string) => ({ detail: words, error_type: 'bad_request' })],
] as const;

describe('a body', () => {
  const TOO_LARGE = 'The request body is larger than 64 MiB';

  it.each(DIALECTS)(
    'of more than 64 MiB is refused by %s in its own shape, as it comes or decoded',
    async (route, _, said) => {
      const bench = await startBench();
      const { url, body } = await createOf(bench, route);
      const large = JSON.stringify({ ...body, prompt: ' '.repeat(65 * 2 ** 20) });
      const plain = await bench.post(url, large, keyHeaders(route));
      expect([plain.status, plain.body]).toEqual([413, said(TOO_LARGE)]);
      const bomb = await postEncoded(url, gzipSync(large), { ...keyHeaders(route), 'content-encoding': 'gzip' });
      expect([bomb.status, await bomb.json()]).toEqual([413, said(TOO_LARGE)]);
      expect(bench.emulator.ledger().creates.map(({ reason }) => reason)).toEqual(
        Array(2).fill('refused-by-validation'),
      );
    },
  );

  it('that is too large is refused so where files are announced and tasks are listed, too', async () => {
    const { emulator, post } = await startBench();
    const { fal, eachlabs, wavespeed } = emulator.endpoints;
    const large = JSON.stringify({ page: ' '.repeat(65 * 2 ** 20) });
    const listed = await post(`${wavespeed.baseUrl}/predictions`, large, keyHeaders('wavespeed'));
    expect([listed.status, listed.body]).toEqual([413, { code: 413, message: TOO_LARGE }]);
    const presigned = await post(`${eachlabs.baseUrl}/upload/presign`, large, keyHeaders('eachlabs'));
    expect([presigned.status, presigned.body.details]).toEqual([413, TOO_LARGE]);
    const initiate = `${fal.uploadUrl}/storage/upload/initiate?storage_type=fal-cdn-v3`;
    const initiated = await post(initiate, large, keyHeaders('fal'));
    expect([initiated.status, initiated.body.detail]).toEqual([413, TOO_LARGE]);
  });

  it.each(DIALECTS)(
    'that is encoded is read by %s, and refused where it is not what it says',
    async (route, status) => {
      const bench = await startBench({ limits: { vibedream: { concurrent: null }, wavespeed: { creates: null } } });
      const { url, body } = await createOf(bench, route);
      const text = JSON.stringify(body);
      const answers: number[] = [];
      for (const [encoding, bytes] of [
        ['gzip', gzipSync(text)],
        ['GZIP', gzipSync(text)],
        ['deflate', deflateSync(text)],
        ['br', brotliCompressSync(text)],
        ['identity', Buffer.from(text)],
        ['gzip', Buffer.from(text)],
        ['gzip', gzipSync(text).subarray(0, 40)],
        ['zstd', gzipSync(text)],
      ] as const) {
        const answer = await postEncoded(url, bytes, { ...keyHeaders(route), 'content-encoding': encoding });
        answers.push(answer.status);
      }
      expect(answers).toEqual([...Array<number>(5).fill(200), ...Array<number>(3).fill(status)]);
    },
  );
});

function postEncoded(url: string, body: Uint8Array<ArrayBuffer>, headers: Record<string, string>): Promise<Response> {
  return fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
}

/** One pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=';

describe('media that nobody can fetch or read', () => {
  it('fails in the words of each provider, uncharged', async () => {
    const bench = await startBench();
    const unreadable = await bench.send('PUT', `${bench.emulator.bucketUrl}/notes.txt`, 'no media at all');
    expect(unreadable.status).toBe(200);
    const notes = `${bench.emulator.bucketUrl}/notes.txt`;
    const gone = 'https://example.com/a.mp3';
    const ids = {
      vibedream: bench.idOf('vibedream', await bench.create('vibedream', { audio: gone })),
      eachlabs: bench.idOf('eachlabs', await bench.create('eachlabs', { audio: gone })),
      wavespeed: bench.idOf('wavespeed', await bench.create('wavespeed', { audio: gone })),
      unread: bench.idOf('wavespeed', await bench.create('wavespeed', { audio: notes })),
      fal: bench.idOf('fal', await bench.create('fal', { audio_url: `${bench.emulator.bucketUrl}/nothing.mp3` })),
    };
    bench.clock.advance(60_000);
    expect((await bench.poll('vibedream', ids.vibedream)).body).toMatchObject({ status: 'failed', outputs: null });
    expect((await bench.poll('eachlabs', ids.eachlabs)).body).toMatchObject({
      status: 'error',
      message: expect.any(String),
      details: expect.stringContaining('input.audio'),
      output: { error_code: 'invalid_user_input', classification: { category: 'VALIDATION' } },
    });
    expect((await bench.poll('wavespeed', ids.wavespeed)).body).toMatchObject({
      code: 200,
      data: { status: 'failed', code: 1402, outputs: [] },
    });
    expect((await bench.poll('wavespeed', ids.unread)).body.data.code).toBe(1401);
    const status = await bench.poll('fal', ids.fal);
    expect(status.body).toMatchObject({ status: 'COMPLETED', error_type: 'file_download_error' });
    const result = await bench.get(status.body.response_url, { authorization: 'Key test-key' });
    expect(result.status).toBe(422);
    expect(result.body.detail[0]).toMatchObject({ loc: ['body', 'audio_url'], type: 'file_download_error' });
    const { totals, billedMicros } = bench.emulator.ledger();
    expect([totals.fal.failed, totals.wavespeed.failed, billedMicros]).toEqual([1, 2, 0]);
  });

  it.each(ROUTE_KEYS)('%s makes a video of a VP9 WebM, and takes a VP8 one for what it cannot use', async (route) => {
    const bench = await startBench();
    const field = route === 'fal' ? 'video_url' : 'video';
    const ids: string[] = [];
    for (const name of ['vp9.webm', 'vp8.webm']) {
      const url = await bench.emulator.putFile(mediaFixture(name), `videos/${name}`);
      ids.push(bench.idOf(route, await bench.create(route, { [field]: url })));
    }
    bench.clock.advance(600_000);
    const [good, bad] = [await bench.poll(route, ids[0] ?? ''), await bench.poll(route, ids[1] ?? '')];
    expect(JSON.stringify(good.body)).toMatch(/"status":"(completed|COMPLETED|success)"/);
    expect(good.body.error ?? '').toBe('');
    expect(JSON.stringify(bad.body)).toMatch(/"status":"(failed|COMPLETED|error)"/);
    const result = route === 'fal' ? await bench.get(bad.body.response_url, keyHeaders(route)) : bad;
    const words = JSON.stringify(result.body);
    expect(words).toMatch(/[Uu]nsupported file for video|unsupported_video_format|input.video could not be read|1401/);
    expect(words).not.toContain(bench.dir);
    expect(bench.emulator.ledger().totals[route === 'multi' ? 'wavespeed' : route].failed).toBe(1);
  });

  it.each([
    [{}, [601, 3], 'left_audio: longer'],
    [{}, [3, 601], 'right_audio: longer'],
    [{ order: 'meanwhile' }, [601, 602], 'left_audio, right_audio: longer'],
    [{ order: 'meanwhile' }, [301, 302], null],
    [{ order: 'left_right' }, [301, 302], 'left_audio, right_audio: together longer'],
    [{ order: 'right_left' }, [3, 601], 'right_audio: longer'],
  ] as const)(
    'wavespeed names with %j and voices of %j s the one that is too long',
    async (inputs, [left, right], named) => {
      const bench = await startBench();
      const voices = { left_audio: await bench.audio(left), right_audio: await bench.audio(right) };
      const id = bench.idOf('multi', await bench.create('multi', { ...voices, ...inputs }));
      // A video of five minutes, which would take its time to make, is not waited for.
      bench.clock.advance(named === null ? 60_000 : 3_000_000);
      const error = named === null ? '' : `Invalid parameter ${named} than 600 seconds`;
      const { data } = (await bench.poll('multi', id)).body;
      expect([data.error, data.code]).toEqual([error, named === null ? undefined : 1401]);
      expect(bench.emulator.ledger().predictions[0]?.failure).toBe(named === null ? null : 'media-too-long');
    },
  );

  it('vibedream takes images of four kinds for a mask, by what is in them', async () => {
    const bench = await startBench({ limits: { vibedream: { creates: null, concurrent: null } } });
    const png = join(bench.dir, 'mask.png');
    writeFileSync(png, Buffer.from(PNG, 'base64'));
    const named = join(bench.dir, 'notes.png');
    writeFileSync(named, 'no image at all');
    const masks = [mediaFixture('image.jpg'), png, mediaFixture('image.gif'), mediaFixture('image.webp'), named, FACE];
    const ids: string[] = [];
    for (const [index, file] of masks.entries()) {
      const mask_image = await bench.emulator.putFile(file, `masks/${index}.png`);
      ids.push(bench.idOf('vibedream', await bench.create('vibedream', { mask_image })));
    }
    bench.clock.advance(600_000);
    const errors = [];
    for (const id of ids) errors.push((await bench.poll('vibedream', id)).body.error);
    const unsupported = 'Unsupported file for mask_image';
    expect(errors).toEqual([null, null, null, null, unsupported, unsupported]);
  });

  it('fal takes a data URI', async () => {
    const bench = await startBench();
    const audio = Buffer.from(await (await fetch(await bench.audio(3))).arrayBuffer()).toString('base64');
    const id = bench.idOf('fal', await bench.create('fal', { audio_url: `data:audio/wav;base64,${audio}` }));
    bench.clock.advance(3_600_000);
    expect((await bench.poll('fal', id)).body.error).toBeUndefined();
  });
});
