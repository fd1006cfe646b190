import { describe, expect, it } from 'vitest';
import { windowWaitMs } from '../src/limits/window.js';
import { DEFAULT_LIMITS } from '../src/options.js';
import { type Answer, type Bench, createOf, keyHeaders, type RouteKey, startBench } from './support/bench.js';

async function createMany(bench: Bench, route: RouteKey, count: number): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let i = 0; i < count; i += 1) answers.push(await bench.create(route));
  return answers;
}

const statuses = (answers: readonly Answer[]) => answers.map((answer) => answer.status);

describe('the sliding window', () => {
  it('admits no more than its number in any span of its length', () => {
    const limits = { ...DEFAULT_LIMITS.wavespeed, creates: 3, perMs: 1000 };
    const arrivals: number[] = [];
    for (let at = 0; at < 5_000; at += 70) if (windowWaitMs(limits, arrivals, at) === null) arrivals.push(at);
    for (const at of arrivals) {
      expect(arrivals.filter((one) => one > at - 1000 && one <= at).length).toBeLessThanOrEqual(3);
    }
    expect(windowWaitMs(limits, [0, 400, 800], 900)).toBe(100);
    expect(windowWaitMs(limits, [0, 400, 800], 1000)).toBeNull();
  });

  it('answers 429 to the sixth create of a minute at wavespeed, on both models together, and not a moment longer', async () => {
    const bench = await startBench();
    expect(statuses(await createMany(bench, 'wavespeed', 3))).toEqual([200, 200, 200]);
    bench.clock.advance(30_000);
    expect(statuses(await createMany(bench, 'multi', 3))).toEqual([200, 200, 429]);
    bench.clock.advance(29_999);
    const refused = await bench.create('wavespeed');
    expect([refused.status, refused.body]).toEqual([429, { code: 429, message: expect.any(String) }]);
    expect(refused.headers.get('retry-after')).toBeNull();
    bench.clock.advance(1);
    expect(statuses(await createMany(bench, 'wavespeed', 4))).toEqual([200, 200, 200, 429]);
    const ledger = bench.emulator.ledger();
    expect([ledger.limiterRefusals, ledger.totals.wavespeed.created]).toEqual([3, 8]);
    expect(ledger.creates.filter((one) => one.limit === 'window')).toHaveLength(3);
  });

  it('is each account’s own, and outlives a restart', async () => {
    const bench = await startBench({
      limits: { wavespeed: { creates: 1 } },
      accounts: { wavespeed: { a: 'main', b: 'main', c: 'other' } },
    });
    expect((await bench.create('wavespeed', {}, 'a')).status).toBe(200);
    expect((await bench.create('wavespeed', {}, 'unknown')).status).toBe(401);
    await bench.restart();
    const video = await bench.emulator.putFile(`${bench.dir}/3.wav`, 'audio/again.wav');
    expect(video).toContain('/bucket/audio/again.wav');
    expect((await bench.create('wavespeed', {}, 'b')).status).toBe(429);
    expect((await bench.create('wavespeed', {}, 'c')).status).toBe(200);
  });

  it('counts refused creates too, and says when to come back, where the options say so', async () => {
    const limits = { creates: 1, perMs: 10_000, countRefused: true, retryAfter: true };
    const bench = await startBench({ limits: { fal: limits } });
    expect((await bench.create('fal')).status).toBe(200);
    bench.clock.advance(6_000);
    const refused = await bench.create('fal');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '4']);
    bench.clock.advance(6_000);
    expect((await bench.create('fal')).status).toBe(429);
  });

  it('holds for creates that arrive at once', async () => {
    const bench = await startBench();
    await bench.audio(3);
    const answers = await Promise.all(Array.from({ length: 20 }, () => bench.create('wavespeed')));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(5);
    expect(bench.emulator.ledger().limiterRefusals).toBe(15);
  });
});

describe('the limit of open predictions', () => {
  it.each([
    ['vibedream', 2],
    ['eachlabs', 10],
  ] as const)('%s answers 429 beyond %i open, until one is over', async (route, most) => {
    const bench = await startBench({ limits: { vibedream: { creates: null }, eachlabs: { creates: null } } });
    const answers = await createMany(bench, route, most + 1);
    expect(statuses(answers)).toEqual([...Array<number>(most).fill(200), 429]);
    expect(bench.emulator.ledger().creates.at(-1)).toMatchObject({ reason: 'refused-by-limit', limit: 'concurrency' });
    bench.clock.advance(3_600_000);
    expect((await bench.create(route)).status).toBe(200);
  });

  it('holds for creates that arrive at once', async () => {
    const bench = await startBench();
    await bench.audio(3);
    const answers = await Promise.all(Array.from({ length: 10 }, () => bench.create('vibedream')));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(2);
  });

  it.each(['wavespeed', 'fal'] as const)('%s lets the others wait, and runs no more than three', async (route) => {
    const bench = await startBench({ limits: { [route]: { creates: null, concurrent: 3 } } });
    const answers = await createMany(bench, route, 7);
    expect(statuses(answers)).toEqual(Array(7).fill(200));
    const { predictions } = bench.emulator.ledger();
    for (const { startsAt } of predictions) {
      const running = predictions.filter((one) => one.startsAt <= startsAt && startsAt < one.finishesAt);
      expect(running.length).toBeLessThanOrEqual(3);
    }
    const last = predictions.at(-1);
    expect(last?.startsAt).toBeGreaterThanOrEqual(Math.min(...predictions.map((one) => one.finishesAt)));
  });

  it('lets waiting requests move up when one is cancelled', async () => {
    const bench = await startBench({ limits: { fal: { concurrent: 1 } } });
    const answers = await createMany(bench, 'fal', 3);
    bench.clock.advance(5_000);
    const [first, second, third] = bench.emulator.ledger().predictions;
    expect((await bench.poll('fal', third?.id ?? '')).body).toMatchObject({ status: 'IN_QUEUE', queue_position: 1 });
    const key = { authorization: 'Key test-key' };
    const cancelled = await bench.send('PUT', answers[0]?.body.cancel_url, '', key);
    expect([cancelled.status, cancelled.body]).toEqual([202, { status: 'CANCELLATION_REQUESTED' }]);
    expect((await bench.poll('fal', second?.id ?? '')).body.status).toBe('IN_PROGRESS');
    expect((await bench.poll('fal', third?.id ?? '')).body).toMatchObject({ status: 'IN_QUEUE', queue_position: 0 });
    const queued = await bench.send('PUT', answers[2]?.body.cancel_url, '', key);
    expect([queued.status, queued.body]).toEqual([200, { status: 'OK' }]);
    expect((await bench.poll('fal', first?.id ?? '')).body).toMatchObject({
      status: 'COMPLETED',
      error_type: 'client_cancelled',
    });
    expect((await bench.get(answers[0]?.body.response_url, key)).status).toBe(499);
    const again = await bench.send('PUT', answers[0]?.body.cancel_url, '', key);
    expect([again.status, again.body]).toEqual([400, { status: 'ALREADY_COMPLETED' }]);
  });

  describe('a request that ends unless it is begun in time', () => {
    /** @param startSeconds how long it waits; null: for as long as it takes */
    async function submit(bench: Bench, frames: number, startSeconds: number | null): Promise<Answer> {
      const { url, body } = await createOf(bench, 'fal', { num_frames: frames });
      const timeout = startSeconds === null ? {} : { 'x-fal-request-start-timeout': String(startSeconds) };
      return bench.post(url, body, { ...keyHeaders('fal'), ...timeout });
    }
    const cancel = (bench: Bench, { body }: Answer) => bench.send('PUT', body.cancel_url, '', keyHeaders('fal'));
    const statusOf = async (bench: Bench, { body }: Answer) => (await bench.poll('fal', body.request_id)).body;

    it('is begun where one before it makes room, run and billed, also after a restart', async () => {
      const bench = await startBench({ limits: { fal: { concurrent: 1 } } });
      const first = await submit(bench, 721, null);
      const second = await submit(bench, 41, 10);
      expect((await submit(bench, 41, 0.2)).status).toBe(200);
      bench.clock.advance(5_000);
      await bench.restart();
      const { fal } = bench.emulator.endpoints;
      const request = `${fal.baseUrl}/fal-ai/infinitalk/requests`;
      await bench.send('PUT', `${request}/${first.body.request_id}/cancel`, '', keyHeaders('fal'));
      expect((await statusOf(bench, second)).status).toBe('IN_PROGRESS');
      bench.clock.advance(3_600_000);
      expect(await statusOf(bench, second)).not.toHaveProperty('error');
      const { predictions } = bench.emulator.ledger();
      expect(predictions.map(({ failure, charged }) => [failure, charged])).toEqual([
        [null, false],
        [null, true],
        ['start-timeout', false],
      ]);
    });

    it('ends at its time where the room comes too late', async () => {
      const bench = await startBench({ limits: { fal: { concurrent: 1 } } });
      const first = await submit(bench, 721, null);
      const second = await submit(bench, 41, 10);
      bench.clock.advance(10_001);
      await cancel(bench, first);
      expect(await statusOf(bench, second)).toMatchObject({ status: 'COMPLETED', error_type: 'request_timeout' });
      const [, { startsAt = 0, finishesAt = 1 } = {}] = bench.emulator.ledger().predictions;
      expect([startsAt, finishesAt]).toEqual([bench.clock.at - 1, bench.clock.at - 1]);
    });

    it('makes those behind it wait once it is begun, and ends one of them in turn', async () => {
      const bench = await startBench({ limits: { fal: { concurrent: 1 } } });
      // The second takes longer than the first, whatever is drawn.
      const first = await submit(bench, 41, null);
      const second = await submit(bench, 721, 12);
      await submit(bench, 41, null);
      const turnAt = Math.max(...bench.emulator.ledger().predictions.map(({ finishesAt }) => finishesAt));
      const last = await submit(bench, 41, (turnAt - bench.clock.at) / 1000 + 1);
      const runs = () =>
        bench.emulator.ledger().predictions.filter(({ failure, state }) => !failure && state !== 'canceled');
      expect(runs()).toHaveLength(3);
      bench.clock.advance(5_000);
      await cancel(bench, first);
      const [one, other, ...none] = runs();
      expect([one?.id, one?.startsAt, none]).toEqual([second.body.request_id, bench.clock.at, []]);
      expect(other?.startsAt).toBe(one?.finishesAt);
      expect(bench.emulator.ledger().predictions.at(-1)).toMatchObject({ failure: 'start-timeout' });
      await cancel(bench, second);
      expect(runs().map(({ id }) => id)).toContain(last.body.request_id);
    });
  });

  it('fal turns a submit away only when it asks for a short queue', async () => {
    const bench = await startBench({ limits: { fal: { concurrent: 1 } } });
    await createMany(bench, 'fal', 2);
    const { baseUrl } = bench.emulator.endpoints.fal;
    const body = { audio_url: await bench.audio(3), video_url: bench.video, prompt: 'x' };
    const url = `${baseUrl}/fal-ai/infinitalk/video-to-video?fal_max_queue_length=1`;
    expect((await bench.post(url, body, { authorization: 'Key test-key' })).status).toBe(429);
  });
});
