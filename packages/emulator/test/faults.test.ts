import { describe, expect, it, vi } from 'vitest';
import { FaultDesk } from '../src/faults/fault-desk.js';
import { createRandom } from '../src/random.js';
import { createOf, keyHeaders, ROUTE_KEYS, startBench } from './support/bench.js';

const HOUR_MS = 3_600_000;

describe('the desk', () => {
  it('lets some pass, hits so many, and is then spent', () => {
    const desk = new FaultDesk([{ kind: 'down', skip: 1, times: 2 }], createRandom(1));
    const hits = Array.from({ length: 5 }, () => desk.take('down', { provider: 'fal' }) !== undefined);
    expect(hits).toEqual([false, true, true, false, false]);
  });

  it('draws the same with the same seed, at about the chance that was set', () => {
    const draw = () => {
      const desk = new FaultDesk([{ kind: 'down', probability: 0.3 }], createRandom(7));
      return Array.from({ length: 1000 }, () => desk.take('down', { provider: 'fal' }) !== undefined);
    };
    expect(draw()).toEqual(draw());
    expect(Math.abs(draw().filter(Boolean).length - 300)).toBeLessThan(60);
  });

  it('hits only the providers and routes that it names', () => {
    const desk = new FaultDesk(
      [
        { kind: 'down', provider: ['fal', 'eachlabs'] },
        { kind: 'create-then-drop', route: 'wavespeed/infinitetalk' },
      ],
      createRandom(1),
    );
    expect(desk.take('down', { provider: 'wavespeed' })).toBeUndefined();
    expect(desk.take('down', { provider: 'eachlabs' })).toBeDefined();
    expect(desk.take('create-then-drop', { provider: 'wavespeed', route: 'wavespeed/other' })).toBeUndefined();
  });
});

describe.each(ROUTE_KEYS)('a create at %s', (route) => {
  it.each([400, 401, 402, 403, 422, 429, 500, 502, 503, 504])(
    'is refused with %i, and nothing is created',
    async (status) => {
      const bench = await startBench({ faults: [{ kind: 'refuse-create', status, retryAfter: 7, times: 1 }] });
      const refused = await bench.create(route);
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([status, '7']);
      expect(refused.body).toBeTypeOf('object');
      const { creates, predictions } = bench.emulator.ledger();
      expect(creates[0]).toMatchObject({
        status,
        reason: 'refused-by-fault',
        fault: 'refuse-create',
        predictionId: null,
      });
      expect(predictions).toEqual([]);
      expect((await bench.create(route)).status).toBe(200);
    },
  );

  it('creates, and then answers 502, cuts the line, or says what nobody can read', async () => {
    const bench = await startBench({
      limits: { vibedream: { concurrent: null } },
      faults: [
        { kind: 'create-then-status', status: 502, times: 1 },
        { kind: 'bad-body', on: 'create', body: 'garbage', times: 1, skip: 0 },
        { kind: 'bad-body', on: 'create', body: 'html', times: 1 },
        { kind: 'bad-body', on: 'create', body: 'empty-object', times: 1 },
      ],
    });
    expect((await bench.create(route)).status).toBe(502);
    expect((await bench.create(route)).body).toBe('{"status":"succ');
    expect((await bench.create(route)).body).toContain('nginx');
    expect((await bench.create(route)).body).toEqual({});
    bench.emulator.setFaults([{ kind: 'create-then-drop' }]);
    await expect(bench.create(route)).rejects.toThrow('fetch failed');
    const { creates, predictions } = bench.emulator.ledger();
    expect(creates.map((one) => [one.status, one.reason])).toEqual([
      [502, 'created'],
      [200, 'created'],
      [200, 'created'],
      [200, 'created'],
      [null, 'created'],
    ]);
    expect(predictions).toHaveLength(5);
    expect(creates.map((one) => one.predictionId)).toEqual(predictions.map((one) => one.id));
  });

  it('is cut off before anything is created, when dropped or down', async () => {
    const bench = await startBench({ faults: [{ kind: 'drop-create', times: 1 }] });
    await expect(bench.create(route)).rejects.toThrow('fetch failed');
    bench.emulator.setFaults([{ kind: 'down' }]);
    await expect(bench.create(route)).rejects.toThrow('fetch failed');
    await expect(bench.poll(route, 'x')).rejects.toThrow('fetch failed');
    const { creates, predictions } = bench.emulator.ledger();
    expect(creates.map((one) => [one.status, one.fault])).toEqual([
      [null, 'drop-create'],
      [null, 'down'],
    ]);
    expect(predictions).toEqual([]);
  });

  it('answers late, when its client has gone', async () => {
    const bench = await startBench({ faults: [{ kind: 'slow-reply', on: 'create', ms: 1500 }] });
    const { url, body } = await createOf(bench, route);
    const signal = AbortSignal.timeout(1000);
    const headers = { ...keyHeaders(route), 'content-type': 'application/json' };
    await expect(fetch(url, { method: 'POST', body: JSON.stringify(body), headers, signal })).rejects.toThrow();
    expect(bench.emulator.ledger().predictions).toHaveLength(1);
    expect(bench.emulator.ledger().creates[0]).toMatchObject({ reason: 'created', status: null, fault: null });
    await vi.waitFor(() => {
      expect(bench.emulator.ledger().creates[0]).toMatchObject({ reason: 'created', fault: 'slow-reply' });
    }, 3_000);
  });

  it('vanishes, flaps, shows a status of its own, completes with nothing', async () => {
    const bench = await startBench({
      limits: { vibedream: { concurrent: null } },
      faults: [
        { kind: 'vanish', afterMs: 1000, times: 1 },
        { kind: 'unknown-status', status: 'warming', times: 1, skip: 1 },
        { kind: 'empty-outputs', times: 1, skip: 2 },
      ],
    });
    const ids: string[] = [];
    for (let i = 0; i < 3; i += 1) ids.push(bench.idOf(route, await bench.create(route)));
    expect((await bench.poll(route, ids[0] ?? '')).status).toBe(route === 'fal' ? 202 : 200);
    bench.clock.advance(1000);
    expect((await bench.poll(route, ids[0] ?? '')).status).toBe(404);
    const odd = (await bench.poll(route, ids[1] ?? '')).body;
    expect(odd.status ?? odd.data.status).toBe('warming');
    bench.clock.advance(HOUR_MS);
    const empty = (await bench.poll(route, ids[2] ?? '')).body;
    if (route === 'fal') {
      const result = await bench.get(empty.response_url, keyHeaders('fal'));
      expect([result.status, result.body.video]).toEqual([200, null]);
    } else if (route === 'eachlabs') expect([empty.status, empty.output]).toEqual(['success', null]);
    else expect((empty.data ?? empty).outputs).toEqual([]);
    expect(bench.emulator.ledger().predictions[0]?.gone).toBe(true);
  });

  it('fails, or is moderated, in the words of the provider', async () => {
    const bench = await startBench({
      faults: [
        { kind: 'moderate-prediction', times: 1 },
        { kind: 'fail-prediction', message: 'out of memory', charged: true, times: 1 },
      ],
    });
    const moderated = bench.idOf(route, await bench.create(route));
    const failed = bench.idOf(route, await bench.create(route));
    bench.clock.advance(HOUR_MS);
    const first = JSON.stringify((await bench.poll(route, moderated)).body);
    expect(first).toMatch(/moderation|flagged/);
    const second = JSON.stringify((await bench.poll(route, failed)).body);
    expect(second).toContain('out of memory');
    const { predictions } = bench.emulator.ledger();
    expect(predictions.map((one) => [one.state, one.failure, one.charged])).toEqual([
      ['failed', 'moderation', false],
      ['failed', 'internal', true],
    ]);
  });

  it('is polled through garbage, refusals and empty bodies', async () => {
    const bench = await startBench();
    const id = bench.idOf(route, await bench.create(route));
    bench.emulator.setFaults([
      { kind: 'refuse-poll', status: 404, times: 1 },
      { kind: 'refuse-poll', status: 503, retryAfter: 2, times: 1 },
      { kind: 'bad-body', on: 'poll', body: 'html', status: 502, times: 1 },
      { kind: 'bad-body', on: 'poll', body: 'nothing', times: 1 },
    ]);
    const answers = [];
    for (let i = 0; i < 5; i += 1) answers.push(await bench.poll(route, id));
    const waiting = route === 'fal' ? 202 : 200;
    expect(answers.map((one) => one.status)).toEqual([404, 503, 502, waiting, waiting]);
    expect(answers[1]?.headers.get('retry-after')).toBe('2');
    expect(answers[3]?.body).toBe('');
    expect(bench.emulator.faults().map((one) => one.hits)).toEqual([1, 1, 1, 1]);
  });
});

describe('faults over HTTP', () => {
  it('can be set, read, and cleared; what is no fault is refused', async () => {
    const bench = await startBench();
    const url = `${bench.emulator.url}/_emulator/faults`;
    expect((await bench.send('PUT', url, [{ kind: 'down', provider: 'fal' }])).status).toBe(200);
    await expect(bench.poll('fal', 'x')).rejects.toThrow();
    expect((await bench.get(url)).body).toEqual([{ fault: { kind: 'down', provider: 'fal' }, candidates: 1, hits: 1 }]);
    expect((await bench.send('PUT', url, [{ kind: 'sabotage' }])).status).toBe(400);
    expect((await bench.send('DELETE', url, '')).status).toBe(204);
    expect((await bench.poll('fal', 'x')).status).toBe(404);
  });

  it('fal: flaps back to the queue while it runs', async () => {
    const bench = await startBench({ faults: [{ kind: 'flap-status' }] });
    const id = bench.idOf('fal', await bench.create('fal'));
    const [prediction] = bench.emulator.ledger().predictions;
    const runMs = (prediction?.finishesAt ?? 0) - (prediction?.startsAt ?? 0);
    bench.clock.at = prediction?.startsAt ?? 0;
    const seen = [];
    for (let quarter = 0; quarter < 3; quarter += 1) {
      seen.push((await bench.poll('fal', id)).body.status);
      bench.clock.advance(runMs / 4 + 1);
    }
    expect(seen).toEqual(['IN_PROGRESS', 'IN_QUEUE', 'IN_PROGRESS']);
  });
});
