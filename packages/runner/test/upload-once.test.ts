import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Failure, type Provider, secret, type WholePlan } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBucketStaging, type LaneKey, systemClock } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { type BucketServer, bucketCredentialsOfTest, bucketServer } from '../testing/bucket-server.js';
import { countingUploads } from '../testing/counting-uploads.js';
import { recording } from '../testing/recording-urls.js';
import { withSecondProvider } from '../testing/second-provider.js';
import { SkippingClock } from '../testing/skipping-clock.js';

const LANGUAGES = 'de fr ja es it nl pl sv da fi nb cs hu ro bg el tr ko th vi'.split(' ');
const HOUR_MS = 3_600_000;

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(LANGUAGES);
});
afterEach(() => batch.close());

/** Jobs that are not finished yet, of the same video. */
const nextBatch = (name: string): WholePlan => batch.plan(LANGUAGES, { batch: name });

/** New languages of the same video, so that the next run needs it again. */
const moreLanguages = (tags: readonly string[]) => batch.plan([...LANGUAGES, ...tags]);

describe('a bucket', () => {
  let bucket: BucketServer;
  beforeEach(async () => {
    bucket = await bucketServer();
  });
  afterEach(() => bucket.close());
  const staging = (changes: Partial<BucketServer['settings']> = {}) =>
    createBucketStaging({ ...bucket.settings, ...changes }, bucketCredentialsOfTest);

  it('gets one video of twenty languages once, in one run and the next', async () => {
    expect((await batch.run({ staging: staging() })).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(20);
    expect(bucket.uploads()).toHaveLength(1);
    batch.reopen();
    expect((await batch.run({ staging: staging() }, moreLanguages(['uk', 'hr']))).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(22);
    expect(bucket.uploads()).toHaveLength(1);
    expect(batch.events.filter((event) => event.type === 'upload:done')).toHaveLength(1);
  });

  it('gets it once from two batches of one state', async () => {
    await batch.run({ staging: staging() }, batch.plan(['de']));
    const sources = { ...nextBatch('autumn'), outputDir: join(batch.dir, 'elsewhere') };
    await batch.run({ staging: staging() }, sources);
    expect(bucket.uploads()).toHaveLength(1);
  });

  it('gets it again when somebody emptied it between two runs', async () => {
    await batch.run({ staging: staging() }, batch.plan(['de']));
    bucket.empty();
    batch.reopen();
    expect((await batch.run({ staging: staging() }, batch.plan(['de', 'fr', 'ja']))).exit).toBe(0);
    expect(bucket.uploads()).toHaveLength(2);
  });

  it('signs a new URL for an object whose URL has expired, without a new upload', async () => {
    const urls: string[] = [];
    const provider = recording(batch.scripted.provider, urls);
    const providers = new Map([['acme', provider]]);
    await batch.run({ staging: staging({ presignMs: 2 * HOUR_MS }), providers }, batch.plan(['de']));
    batch.reopen();
    batch.store.sqlite.prepare('UPDATE assets SET expires_at = 1').run();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await batch.run({ staging: staging({ presignMs: 2 * HOUR_MS }), providers }, batch.plan(['de', 'fr']));
    expect(new Set(urls).size).toBe(2);
    expect(bucket.uploads()).toHaveLength(1);
  });

  it('goes on when its URLs live shorter than the usual margin', async () => {
    const outcome = await batch.run({ staging: staging({ presignMs: 60_000 }) }, batch.plan(['de', 'fr']));
    expect(outcome.exit).toBe(0);
  });

  it('holds the jobs and says why when it refuses', async () => {
    const outcome = await batch.run({ staging: staging({ bucket: 'missing' }) }, batch.plan(['de']));
    expect(outcome.exit).toBe(1);
    const [job] = batch.snapshot().jobs;
    expect(job).toMatchObject({ state: 'held', holdReason: 'upload-failed' });
    expect(job?.reason).toContain('NoSuchBucket');
    expect(batch.scripted.starts).toHaveLength(0);
  });

  it('is told of again and again while it keeps silent, and so is one that outputs go to', async () => {
    const toldOf = (destination: string) =>
      batch.events.flatMap((event) => {
        if (event.type !== 'upload:progress' && event.type !== 'upload:done') return [];
        return event.destination === destination ? [`${event.type} ${event.bytes > 0 ? 'some' : 'none'}`] : [];
      });
    const moveless = 'upload:progress none';
    /** Until it was told of the upload that is under way twice. */
    const silence = (destination: string) =>
      vi.waitFor(() => expect(toldOf(destination).slice(-2)).toEqual([moveless, moveless]), { timeout: 9_000 });
    const silent = {
      destination: 'in',
      stage: async () => {
        await silence('in');
        return { url: 'https://127.0.0.1:9/staged.mp4', keptMs: null, reused: true };
      },
    };
    const delivery = { destination: 'out', deliver: () => silence('out'), missing: async () => new Set<string>() };
    await batch.run({ staging: silent, delivery, clock: new SkippingClock() }, batch.plan(['de']));
    const changes = (told: readonly string[]) => told.filter((each, index) => each !== told[index - 1]);
    expect(changes(toldOf('in'))).toEqual([moveless, 'upload:done none']);
    // The video, then its sidecar.
    expect(changes(toldOf('out'))).toEqual([moveless, 'upload:done some', moveless, 'upload:done some']);
  });

  it.each([0, 20_000])('is not asked without end for URLs that live %d ms', async (keptMs) => {
    let asked = 0;
    const shortLived = {
      destination: 'a short-lived storage',
      stage: async () => {
        // A run that never stops asking would never end.
        if (++asked > 50) throw new Error('asked without end');
        return { url: 'https://127.0.0.1:9/staged.mp4', keptMs, reused: true };
      },
    };
    const outcome = await batch.run({ staging: shortLived, clock: new SkippingClock() }, batch.plan(['de']));
    expect([outcome.exit, asked, batch.scripted.starts.length]).toEqual([1, 5, 0]);
    expect(batch.snapshot().jobs[0]).toMatchObject({
      state: 'held',
      holdReason: 'upload-failed',
      reason: expect.stringContaining(keptMs === 0 ? 'have expired already' : 'expire in 20s'),
    });
  });

  it('shows no signature in events, history, sidecars or the read model', async () => {
    const signed: string[] = [];
    const provider = leaking(recording(batch.scripted.provider, signed));
    await batch.run({ staging: staging(), providers: new Map([['acme', provider]]) }, batch.plan(['de']));
    const signature = new URL(signed[0] ?? '').searchParams.get('X-Amz-Signature') ?? '';
    expect(signature).toHaveLength(64);
    const history = batch.store.sqlite.prepare('SELECT * FROM history').all();
    expect(history.length).toBeGreaterThan(3);
    expect(batch.snapshot().jobs[0]?.reason).toContain('cannot read http://127.0.0.1');
    const shown = [batch.events, batch.snapshot(), history, sidecarTexts(batch.dir)].map((part) =>
      JSON.stringify(part),
    );
    for (const text of shown) expect(text).not.toContain(signature);
  });
});

describe('a provider’s own storage', () => {
  it('gets one video of twenty languages once, in one run and the next', async () => {
    const uploads: string[] = [];
    const provider = countingUploads(batch.scripted.provider, uploads, () => 'https://127.0.0.1:9/stored.mp4');
    const providers = new Map([['acme', provider]]);
    await batch.run({ providers });
    batch.reopen();
    await batch.run({ providers }, moreLanguages(['uk']));
    expect(batch.scripted.starts).toHaveLength(21);
    expect(uploads).toHaveLength(1);
  });

  it('gets it again when it has expired', async () => {
    const uploads: string[] = [];
    const stored = () => 'https://127.0.0.1:9/stored.mp4';
    const provider = countingUploads(batch.scripted.provider, uploads, stored, 7 * 24 * HOUR_MS);
    const providers = new Map([['acme', provider]]);
    const startMs = Date.now();
    const uploadsAfter = async (hours: number, languages: number) => {
      const real = systemClock();
      const clock = { ...real, nowMs: () => real.nowMs() + hours * HOUR_MS };
      expect((await batch.run({ providers, clock }, batch.plan(LANGUAGES.slice(0, languages)))).exit).toBe(0);
      batch.reopen();
      return uploads.length;
    };
    expect(await uploadsAfter(0, 1)).toBe(1);
    expect(await uploadsAfter(7 * 24 - 2, 2)).toBe(1);
    // It would not outlive the attempt.
    expect(await uploadsAfter(7 * 24 - 0.5, 3)).toBe(2);
    expect(await uploadsAfter(8 * 24, 4)).toBe(2);
    const [asset] = batch.store.sqlite.prepare('SELECT expires_at AS at FROM assets').all() as { at: number }[];
    expect(((asset?.at ?? 0) - startMs) / HOUR_MS).toBeCloseTo(2 * 7 * 24 - 0.5, 0);
  });

  it('gets it again when its URL answers that it is gone', async () => {
    const answer = { status: 200, asked: 0 };
    const server = createServer((_request, response) => {
      answer.asked += 1;
      response.writeHead(answer.status).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const stored = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/stored.mp4`;
    const uploads: string[] = [];
    const providers = new Map([['acme', countingUploads(batch.scripted.provider, uploads, stored)]]);
    try {
      await batch.run({ providers }, batch.plan(['de']));
      await batch.run({ providers }, batch.plan(['de', 'fr', 'ja']));
      expect({ uploads: uploads.length, asked: answer.asked }).toEqual({ uploads: 1, asked: 1 });
      answer.status = 404;
      await batch.run({ providers }, batch.plan(['de', 'fr', 'ja', 'es', 'it']));
      expect(uploads).toHaveLength(2);
    } finally {
      server.close();
    }
  });

  describe('that refuses a key', () => {
    const NO = { kind: 'auth', message: 'Unauthorized', httpStatus: 401 } as const;
    /** One that gives no address for an upload to the keys that are named. */
    function refusing(keys: readonly string[], failure: Failure = NO) {
      const inner = countingUploads(batch.scripted.provider, [], () => 'https://127.0.0.1:9/stored.mp4');
      const upload: Provider['upload'] = async (file, context) =>
        keys.includes(context.connection.key.reveal()) ? { outcome: 'failed', failure } : inner.upload!(file, context);
      return { ...inner, upload };
    }
    const key = (name: string, account: string | null = 'main') => {
      return { provider: 'acme', variable: `KEY_${name.toUpperCase()}`, account, key: secret(name) };
    };
    const closings = () => batch.events.filter((event) => event.type === 'lane:closed');
    const run = (refused: readonly string[], keys: LaneKey[], failure?: Failure) =>
      batch.run({ providers: new Map([['acme', refusing(refused, failure)]]), keys }, batch.plan(['de', 'fr']));

    it('closes its lane and holds its jobs for that, as a create that is refused does', async () => {
      expect((await run(['a'], [key('a')])).exit).toBe(1);
      expect(closings()).toMatchObject([{ lane: 'KEY_A', why: 'auth: Unauthorized' }]);
      const reason = expect.stringMatching(/: acme \(KEY_A\): auth: Unauthorized$/);
      const held = { holdReason: 'lane-closed', reason };
      expect(batch.snapshot().jobs).toMatchObject([held, held]);
      batch.reopen();
      expect((await run([], [key('a')])).exit).toBe(0);
    });

    it('is told of by its lane, although nothing was bought there, until a run has opened it again', async () => {
      const second = withSecondProvider(batch, ['de', 'fr']);
      const providers = new Map(second.overrides.providers).set('acme', refusing(['acme-key']));
      expect((await batch.run({ ...second.overrides, providers }, second.plan)).exit).toBe(0);
      expect(batch.snapshot().lanes).toMatchObject([
        { lane: 'ACME_KEY', closed: 'auth: Unauthorized', stops: [{ cause: 'closed' }] },
        { lane: 'GLOBEX_KEY', closed: null },
      ]);
      const other = { ...batch.plan(['ja']), batch: 'autumn' };
      await batch.run({ keys: [second.overrides.keys[0]!] }, other);
      expect(batch.snapshot().lanes.map(({ lane }) => lane)).toEqual(['GLOBEX_KEY']);
    });

    it('is told of by its lane also where that has another key, and nothing was bought there', async () => {
      const second = withSecondProvider(batch, ['de', 'fr']);
      const provider = refusing(['a']);
      const failure: Failure = { kind: 'storage', message: 'the storage answered with HTTP 403', httpStatus: 403 };
      const upload: Provider['upload'] = (file, context) =>
        context.connection.key.reveal() === 'b'
          ? Promise.resolve({ outcome: 'failed', failure })
          : provider.upload!(file, context);
      const providers = new Map(second.overrides.providers).set('acme', { ...provider, upload });
      const keys = [key('a'), key('b'), second.overrides.keys[1]!];
      expect((await batch.run({ ...second.overrides, keys, providers }, second.plan)).exit).toBe(0);
      expect(batch.snapshot().lanes).toMatchObject([
        { lane: 'KEY_A+KEY_B', closed: null, refusedKeys: [{ variable: 'KEY_A', why: 'auth: Unauthorized' }] },
        { lane: 'GLOBEX_KEY', closed: null },
      ]);
    });

    it('gets no request for the files that wait behind those that were refused', async () => {
      const provider = refusing(['test-key']);
      const asked: string[] = [];
      const upload: Provider['upload'] = (file, context) => {
        asked.push(file.name);
        return provider.upload!(file, context);
      };
      const jobs = batch.plan(LANGUAGES).jobs.map((job) => {
        const path = join(batch.dir, `${job.language}.mp4`);
        writeFileSync(path, `a video of its own: ${job.language}`);
        return { ...job, video: { kind: 'file' as const, path } };
      });
      const providers = new Map([['acme', { ...provider, upload }]]);
      expect((await batch.run({ providers }, batch.plan([], { jobs }))).exit).toBe(1);
      // Those that were out together when it was refused.
      expect(asked.length).toBeLessThanOrEqual(6);
    });

    it('puts it aside by its name, and goes on with the account’s other key', async () => {
      expect((await run(['a'], [key('a'), key('b')])).exit).toBe(0);
      expect(closings()).toMatchObject([{ lane: 'KEY_A+KEY_B', key: 'KEY_A' }]);
      expect(batch.scripted.starts).toHaveLength(2);
    });

    it('goes on with another account, also where the first has no money', async () => {
      const locked = { kind: 'payment', message: 'User is locked', httpStatus: 403 } as const;
      expect((await run(['a'], [key('a', 'one'), key('b', 'two')], locked)).exit).toBe(0);
      expect(closings()).toMatchObject([{ lane: 'KEY_A', why: 'payment: User is locked' }]);
    });
  });

  describe('that refuses a file', () => {
    /** What the first provider's storage answers, and the second's where it refuses too. */
    function refusing(...statuses: number[]) {
      const { plan, overrides, starts } = withSecondProvider(batch, ['de', 'fr']);
      const uploads: string[] = [];
      const refuse = (id: string, httpStatus: number | undefined): [string, Provider] => {
        const provider = overrides.providers.get(id)!;
        if (httpStatus === undefined) return [id, provider];
        const failure = {
          kind: 'provider',
          message: `the storage answered with HTTP ${httpStatus}`,
          httpStatus,
        } as const;
        const upload: Provider['upload'] = async () => {
          uploads.push(`${id} ${httpStatus}`);
          return { outcome: 'failed', failure };
        };
        return [id, { ...provider, upload }];
      };
      const providers = new Map([refuse('acme', statuses[0]), refuse('globex', statuses[1])]);
      return { plan, options: { ...overrides, providers }, starts, uploads };
    }
    const problems = () => batch.events.flatMap((event) => (event.type === 'problem' ? [event.message] : []));

    it('loses the job to the next route, for nothing', async () => {
      const { plan, options, starts } = refusing(403);
      expect((await batch.run(options, plan)).exit).toBe(0);
      expect([batch.scripted.starts.length, starts.length]).toEqual([0, 2]);
      expect(batch.snapshot().jobs.map(({ state, attempts }) => [state, attempts.length])).toEqual([
        ['succeeded', 1],
        ['succeeded', 1],
      ]);
      expect(problems()).toContain(
        'the storage of acme refuses a file of it (the storage answered with HTTP 403), so it goes on with globex/lips',
      );
    });

    it('holds it where none is left, with what each storage said, and tries the first again in the next run', async () => {
      const { plan, options, uploads } = refusing(403, 413);
      expect((await batch.run(options, plan)).exit).toBe(1);
      for (const job of batch.snapshot().jobs)
        expect(job).toMatchObject({ state: 'held', holdReason: 'upload-failed' });
      const said = 'acme: the storage answered with HTTP 403; the storage answered with HTTP 413';
      expect(batch.snapshot().jobs.map(({ reason }) => reason)).toEqual([
        expect.stringContaining(said),
        expect.stringContaining(said),
      ]);
      expect(new Set(uploads)).toEqual(new Set(['acme 403', 'globex 413']));
      batch.reopen();
      expect(
        (await batch.run({ ...options, providers: withSecondProvider(batch, []).overrides.providers }, plan)).exit,
      ).toBe(0);
      expect(batch.scripted.starts).toHaveLength(2);
    });

    it('keeps it where the next route’s key was refused', async () => {
      const { plan, options, starts } = refusing(403);
      const keys = options.keys.filter(({ provider }) => provider === 'acme');
      expect((await batch.run({ ...options, keys }, plan)).exit).toBe(1);
      expect(batch.snapshot().jobs[0]).toMatchObject({ state: 'held', holdReason: 'upload-failed' });
      expect(starts).toEqual([]);
    });

    it.each([408, 425, 429, 503])('for a while, with %i, is asked again', async (status) => {
      const { plan, options, starts } = refusing(status);
      const refused = options.providers.get('acme')!;
      const tries: number[] = [];
      const upload: Provider['upload'] = (file, context) => {
        tries.push(status);
        return (tries.length === 1 ? refused : batch.scripted.provider).upload!(file, context);
      };
      const providers = new Map([...options.providers, ['acme', { ...refused, upload }]]);
      expect((await batch.run({ ...options, providers }, plan)).exit).toBe(0);
      expect([batch.scripted.starts.length, starts.length]).toEqual([2, 0]);
    });
  });
});

/** Has a bug: its error holds the URL that it was given. */
function leaking(inner: Provider): Provider {
  return {
    ...inner,
    start: async (request, context) => {
      await inner.start(request, context);
      throw new Error(`cannot read ${request.media.video}`);
    },
  };
}

function sidecarTexts(dir: string): string[] {
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.json')).map((name) => readFileSync(join(dir, name), 'utf8'));
}
