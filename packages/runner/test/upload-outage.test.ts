import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure, Provider, WholePlan } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBucketStaging, type RunOptions, readLanes, type Staging } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { bucketCredentialsOfTest, bucketServer } from '../testing/bucket-server.js';
import { withSecondProvider } from '../testing/second-provider.js';
import { SkippingClock } from '../testing/skipping-clock.js';

let batch: BatchFixture;
let clock: SkippingClock;
beforeEach(async () => {
  batch = await batchFixture();
  clock = new SkippingClock();
});
afterEach(() => batch.close());

const MINUTE_MS = 60_000;
const OUT: Failure = { kind: 'provider', httpStatus: 503, message: 'the storage answered with HTTP 503' };
const REFUSED: Failure = { kind: 'network', code: 'ECONNREFUSED', message: 'the connection was refused' };

/** Jobs of one video, each with an audio file of its own. */
function withFiles(plan: WholePlan): WholePlan {
  const jobs = plan.jobs.map((job) => {
    const path = join(batch.dir, `${job.language}.mp3`);
    writeFileSync(path, `the voice of ${job.language}`);
    return { ...job, voices: { kind: 'one', audio: { kind: 'file', path } } } as const;
  });
  return { ...plan, jobs };
}

const languages = (count: number) => Array.from({ length: count }, (_, index) => `x-${index}`);
const states = () => batch.snapshot().jobs.map(({ state }) => state);
const pauses = () => batch.events.filter((event) => event.type === 'upload:paused');

interface Upload {
  readonly atMs: number;
  readonly path: string;
}

/** A provider whose storage fails while it is told to, and all uploads that were tried there. */
function failing(inner: Provider, why: (path: string) => Failure | null) {
  const uploads: Upload[] = [];
  const upload: Provider['upload'] = async (file, context) => {
    uploads.push({ atMs: clock.nowMs(), path: file.path });
    await new Promise((resolve) => setTimeout(resolve, 5));
    const failure = why(file.path);
    return failure === null ? inner.upload!(file, context) : { outcome: 'failed', failure };
  };
  return { uploads, providers: new Map([['acme', { ...inner, upload }]]) };
}

describe('a storage that fails for ten minutes', () => {
  it.each([
    ['with 503', OUT],
    ['by taking no connection', REFUSED],
    ['and says for how long', { ...OUT, retryAfterMs: 120_000 }],
  ])(
    '%s, costs no job: one upload at a time is tried, and all is made afterwards',
    async (_, failure) => {
      const endsAtMs = clock.nowMs() + 10 * MINUTE_MS;
      const { uploads, providers } = failing(batch.scripted.provider, () =>
        clock.nowMs() < endsAtMs ? failure : null,
      );
      const outcome = await batch.run({ clock, providers }, withFiles(batch.plan(languages(60))));
      expect([outcome.exit, batch.scripted.starts.length]).toEqual([0, 60]);
      expect(batch.events.filter((event) => event.type === 'job:state' && event.to === 'held')).toEqual([]);
      const inVain = uploads.filter(({ atMs }) => atMs < endsAtMs);
      // Those that were out together, and one for each pause that ten minutes have room for.
      expect(inVain.length).toBeLessThanOrEqual(6 + 20);
      const tries = inVain.map(({ atMs }) => atMs).filter((atMs) => atMs > pauses()[0]!.atMs);
      expect(tries.length).toBeGreaterThan(1);
      expect(tries.slice(1).filter((atMs, index) => atMs - tries[index]! < 30_000)).toEqual([]);
      expect(pauses()[0]).toMatchObject({ destination: expect.stringContaining('acme'), why: expect.any(String) });
      expect(pauses().length).toBeLessThanOrEqual(20);
    },
    60_000,
  );

  it('keeps its jobs, though another provider would take them', async () => {
    const { plan, overrides, starts } = withSecondProvider(batch, languages(20));
    const endsAtMs = clock.nowMs() + 10 * MINUTE_MS;
    const { providers } = failing(batch.scripted.provider, () => (clock.nowMs() < endsAtMs ? OUT : null));
    const both = new Map([...overrides.providers, ...providers]);
    expect((await batch.run({ ...overrides, clock, providers: both }, withFiles(plan))).exit).toBe(0);
    expect([batch.scripted.starts.length, starts.length]).toEqual([20, 0]);
  }, 60_000);

  it('keeps no job from being bought that needs no upload, and its lane says what the others wait for', async () => {
    const endsAtMs = clock.nowMs() + 10 * MINUTE_MS;
    const { providers } = failing(batch.scripted.provider, () => (clock.nowMs() < endsAtMs ? OUT : null));
    const plan = withFiles(batch.plan(languages(12)));
    const jobs = plan.jobs.map((job, index) => {
      if (index < 8) return job;
      const at = (name: string) => ({ kind: 'url', url: `https://media.example/${name}-${index}` }) as const;
      return { ...job, video: at('video'), voices: { kind: 'one', audio: at('audio') } } as const;
    });
    const waits: unknown[] = [];
    const onEvent: RunOptions['onEvent'] = (event) => {
      if (event.type !== 'upload:paused') return;
      const [lane] = readLanes(batch.store, { nowMs: clock.nowMs(), batch: 'spring' });
      waits.push([lane?.wait, event.untilMs]);
    };
    expect((await batch.run({ clock, providers, onEvent }, { ...plan, jobs })).exit).toBe(0);
    expect(waits.length).toBeGreaterThan(1);
    for (const [wait, untilMs] of waits as [unknown, number][]) expect(wait).toEqual({ for: 'upload', untilMs });
    const bought = batch.snapshot().jobs.filter(({ attempts }) => attempts[0]!.createdAtMs < endsAtMs);
    expect(bought.map(({ key }) => key)).toEqual(['keynote/x-8', 'keynote/x-9', 'keynote/x-10', 'keynote/x-11']);
  }, 60_000);
});

describe('a storage that fails for good', () => {
  it('ends the run after two hours, and the next one tries at once and makes all', async () => {
    const { uploads, providers } = failing(batch.scripted.provider, () => REFUSED);
    const plan = withFiles(batch.plan(languages(40)));
    const begunAtMs = clock.nowMs();
    expect((await batch.run({ clock, providers, random: () => 0.5 }, plan)).exit).toBe(1);
    expect(new Set(states())).toEqual(new Set(['held']));
    expect(batch.snapshot().jobs[39]).toMatchObject({ holdReason: 'upload-failed' });
    expect(batch.snapshot().jobs[39]?.reason).toContain('the connection was refused');
    expect(uploads.length).toBeLessThanOrEqual(6 + 24);
    expect((clock.nowMs() - begunAtMs) / MINUTE_MS).toBeGreaterThan(60);
    expect((clock.nowMs() - begunAtMs) / MINUTE_MS).toBeLessThan(240);
    const againAtMs = clock.nowMs();
    expect((await batch.run({ clock }, plan)).exit).toBe(0);
    expect(clock.nowMs() - againAtMs).toBeLessThan(MINUTE_MS);
  }, 60_000);

  it('gives its jobs up to the next provider then, since nothing was bought', async () => {
    const { plan, overrides, starts } = withSecondProvider(batch, languages(10));
    const { providers } = failing(batch.scripted.provider, () => OUT);
    const both = new Map([...overrides.providers, ...providers]);
    expect((await batch.run({ ...overrides, clock, providers: both }, withFiles(plan))).exit).toBe(0);
    expect([batch.scripted.starts.length, starts.length]).toEqual([0, 10]);
  }, 60_000);
});

describe('a file that its storage fails on every time', () => {
  it('is held alone: the others have their turns', async () => {
    const bad = (path: string) => path.endsWith('x-0.mp3') || path.endsWith('x-1.mp3');
    const { uploads, providers } = failing(batch.scripted.provider, (path) => (bad(path) ? OUT : null));
    const plan = withFiles(batch.plan(languages(12)));
    expect((await batch.run({ clock, providers }, plan)).exit).toBe(1);
    expect(states()).toEqual(['held', 'held', ...Array(10).fill('succeeded')]);
    // One that was out while the other file began a pause says nothing more, and is not counted against it.
    const ofOne = uploads.filter(({ path }) => path.endsWith('x-0.mp3')).length;
    expect(ofOne).toBeLessThanOrEqual(8 + pauses().length);
  }, 60_000);
});

describe('a bucket that takes no connection for ten minutes', () => {
  it('costs no job either', async () => {
    const bucket = await bucketServer();
    const open = (endpoint: string) => createBucketStaging({ ...bucket.settings, endpoint }, bucketCredentialsOfTest);
    const [dead, live] = [open('http://127.0.0.1:9'), open(bucket.settings.endpoint)];
    const endsAtMs = clock.nowMs() + 10 * MINUTE_MS;
    const stage: Staging['stage'] = (...call) => (clock.nowMs() < endsAtMs ? dead : live).stage(...call);
    const staging = { destination: live.destination, stage };
    try {
      expect((await batch.run({ clock, staging }, withFiles(batch.plan(languages(8))))).exit).toBe(0);
    } finally {
      await bucket.close();
    }
    expect(batch.events.filter((event) => event.type === 'job:state' && event.to === 'held')).toEqual([]);
    expect(pauses().length).toBeGreaterThan(0);
  }, 60_000);
});

describe('a run whose uploads rest', () => {
  it('ends at once when it is told to', async () => {
    const stop = new AbortController();
    const { providers } = failing(batch.scripted.provider, () => OUT);
    const onEvent: RunOptions['onEvent'] = (event) => {
      if (event.type === 'upload:paused') setImmediate(() => stop.abort());
    };
    // By the machine’s own clock, whose pause of half a minute and more no test would live to see.
    const plan = withFiles(batch.plan(languages(12)));
    expect((await batch.run({ providers, stop: stop.signal, onEvent }, plan)).exit).toBe(130);
    expect(new Set(states())).toEqual(new Set(['pending']));
    const [lane] = readLanes(batch.store, { nowMs: Date.now(), batch: 'spring' });
    expect(lane?.wait).toEqual({ for: 'job' });
  });
});
