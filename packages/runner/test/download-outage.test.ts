import type { Provider } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunOptions } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { deliveringFrom, type Refusal, type ResultServer, resultServer } from '../testing/result-server.js';
import { SkippingClock } from '../testing/skipping-clock.js';

let batch: BatchFixture;
let clock: SkippingClock;
let endsAtMs: number;
const hosts: ResultServer[] = [];
beforeEach(async () => {
  batch = await batchFixture();
  clock = new SkippingClock();
  endsAtMs = clock.nowMs() + 10 * MINUTE_MS;
});
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()));
  await batch.close();
});

const MINUTE_MS = 60_000;
const OUT: Refusal = { status: 503 };
/** Downloads of one provider that run at once. */
const AT_ONCE = 12;

const languages = (count: number) => Array.from({ length: count }, (_, index) => `x-${index}`);
const states = () => batch.snapshot().jobs.map(({ state }) => state);
const pauses = () => batch.events.filter((event) => event.type === 'download:paused');
const held = () => batch.events.filter((event) => event.type === 'job:state' && event.to === 'held');
const isOut = () => clock.nowMs() < endsAtMs;

async function hostOfResults(refuse?: (id: string, query: string) => Refusal | null): Promise<ResultServer> {
  const host = await resultServer(() => clock.nowMs(), refuse);
  hosts.push(host);
  return host;
}

function atPauses(act: () => void): NonNullable<RunOptions['onEvent']> {
  return (event) => {
    batch.events.push(event);
    if (event.type === 'download:paused') act();
  };
}

const from = (urlOf: (id: string) => string) => deliveringFrom(batch.scripted.provider, urlOf);

describe('a host of results that fails for ten minutes', () => {
  it.each<[string, Refusal | 'takes none']>([
    ['with 503', OUT],
    ['with 429', { status: 429 }],
    ['by closing each connection', 'closes the connection'],
    ['by taking no connection', 'takes none'],
    ['and says for how long', { status: 503, retryAfter: 120 }],
  ])(
    '%s, costs no result: one download at a time is tried, and all are fetched afterwards',
    async (_, refusal) => {
      const host = await hostOfResults(() => (refusal !== 'takes none' && isOut() ? refusal : null));
      if (refusal === 'takes none') await host.shut();
      const onEvent = atPauses(() => {
        if (refusal === 'takes none' && !isOut()) void host.open();
      });
      const overrides = { clock, onEvent, providers: from((id) => host.urlOf(id)) };
      const outcome = await batch.run(overrides, batch.plan(languages(40)));
      expect([outcome.exit, batch.scripted.starts.length, held()]).toEqual([0, 40, []]);
      expect(new Set(states())).toEqual(new Set(['succeeded']));
      // It is bought meanwhile: what is paid for waits at the provider.
      expect(batch.snapshot().jobs.every(({ attempts }) => attempts[0]!.createdAtMs < endsAtMs)).toBe(true);
      // Those that were out together, and one for each pause that ten minutes have room for.
      const tries = triesIn(batch);
      expect(tries.length).toBeLessThanOrEqual(AT_ONCE + 20);
      const later = tries.filter((atMs) => atMs >= pauses()[0]!.untilMs);
      expect(later.length).toBeGreaterThan(1);
      expect(later.slice(1).filter((atMs, index) => atMs - later[index]! < 30_000)).toEqual([]);
      expect(pauses()[0]).toMatchObject({ from: new URL(host.urlOf('')).host, why: expect.any(String) });
      expect(pauses().length).toBeLessThanOrEqual(20);
    },
    60_000,
  );

  /** When a result was asked for in vain. */
  function triesIn({ events }: BatchFixture): number[] {
    const asked = events.flatMap((event) => (event.type === 'exchange' && event.status !== 200 ? [event.atMs] : []));
    return asked.filter((atMs) => atMs < endsAtMs);
  }

  it('together with its provider, costs none either', async () => {
    const host = await hostOfResults(() => (isOut() ? OUT : null));
    const providers = from((id) => host.urlOf(id));
    const inner = providers.get('acme')!;
    const askedFor = new Set<string>();
    // Each is found once, and nobody says then where it is until the outage is over.
    const status: Provider['status'] = async (route, reference, call) => {
      const isFirst = !askedFor.has(String(reference.id));
      askedFor.add(String(reference.id));
      if (isFirst || !isOut()) return inner.status(route, reference, call);
      return { state: 'unanswered', failure: { kind: 'provider', httpStatus: 502, message: 'HTTP 502' } };
    };
    const overrides = { clock, providers: new Map([['acme', { ...inner, status }]]) };
    expect((await batch.run(overrides, batch.plan(languages(30)))).exit).toBe(0);
    expect([batch.scripted.starts.length, held()]).toEqual([30, []]);
  }, 60_000);

  it('holds up no result that lies elsewhere', async () => {
    const [dead, live] = [await hostOfResults(() => (isOut() ? OUT : null)), await hostOfResults()];
    const isEven = (id: string) => Number(id.replace(/\D/g, '')) % 2 === 0;
    const providers = from((id) => (isEven(id) ? live : dead).urlOf(id));
    expect((await batch.run({ clock, providers }, batch.plan(languages(40)))).exit).toBe(0);
    expect([live.asked.length, held()]).toEqual([20, []]);
    expect(live.asked.filter(({ atMs }) => atMs >= endsAtMs)).toEqual([]);
    expect(new Set(pauses().map((event) => event.from))).toEqual(new Set([new URL(dead.urlOf('')).host]));
  }, 60_000);

  it('is asked by another address for what has expired meanwhile', async () => {
    const host = await hostOfResults((_, query) => (isOut() ? OUT : query === 'early' ? { status: 403 } : null));
    const providers = from((id) => host.urlOf(id, isOut() ? 'early' : 'late'));
    expect((await batch.run({ clock, providers }, batch.plan(languages(20)))).exit).toBe(0);
    expect([batch.scripted.starts.length, held()]).toEqual([20, []]);
  }, 60_000);
});

describe('a host of results that fails for good', () => {
  it('ends the run after hours, and the next one tries at once and fetches all', async () => {
    let isDead = true;
    const host = await hostOfResults(() => (isDead ? OUT : null));
    const providers = from((id) => host.urlOf(id));
    const plan = batch.plan(languages(30));
    const begunAtMs = clock.nowMs();
    expect((await batch.run({ clock, providers, random: () => 0.5 }, plan)).exit).toBe(1);
    expect(new Set(states())).toEqual(new Set(['held']));
    expect(batch.job(29)).toMatchObject({ holdReason: 'download-failed' });
    expect(batch.job(29).reason).toContain('answered 503');
    expect(host.asked.length).toBeLessThanOrEqual(AT_ONCE + 24);
    expect((clock.nowMs() - begunAtMs) / MINUTE_MS).toBeGreaterThan(60);
    expect((clock.nowMs() - begunAtMs) / MINUTE_MS).toBeLessThan(240);
    isDead = false;
    const againAtMs = clock.nowMs();
    expect((await batch.run({ clock, providers }, plan)).exit).toBe(0);
    expect(clock.nowMs() - againAtMs).toBeLessThan(MINUTE_MS);
    expect(batch.scripted.starts.length).toBe(30);
  }, 60_000);
});

describe('a result that its host fails on every time', () => {
  it('is held alone: the others have their turns', async () => {
    const isBad = (id: string) => id === 'prediction-1' || id === 'prediction-2';
    const host = await hostOfResults((id) => (isBad(id) ? { status: 500 } : null));
    const providers = from((id) => host.urlOf(id));
    expect((await batch.run({ clock, providers }, batch.plan(languages(12)))).exit).toBe(1);
    expect(states().sort()).toEqual(['held', 'held', ...Array(10).fill('succeeded')]);
    // One that was out while the other began a pause says nothing more, and is not counted against it.
    const ofOne = host.asked.filter(({ id }) => id === 'prediction-1').length;
    expect(ofOne).toBeLessThanOrEqual(8 + pauses().length);
  }, 60_000);
});

describe('a result that its host fails on before another was asked for', () => {
  it('keeps none of the others waiting', async () => {
    const host = await hostOfResults((id) => (id === 'prediction-1' ? { status: 502 } : null));
    // One create in ten seconds: by the second the first has failed several times.
    const plan = batch.plan(languages(5));
    const acme = { ...plan.providers.acme!, limits: { creates: 1, perMs: 10_000, concurrent: 10 } };
    const overrides = { clock, providers: from((id) => host.urlOf(id)), random: () => 0.9 };
    expect((await batch.run(overrides, { ...plan, providers: { acme } })).exit).toBe(1);
    expect(pauses()[0]?.why).toMatch(/^2 downloads in a row failed/);
    const others = batch.snapshot().jobs.filter(({ state }) => state === 'succeeded');
    const waited = others.map(({ attempts: [attempt] }) => {
      const asked = host.asked.find(({ id }) => id === attempt!.predictionId);
      return asked!.atMs - attempt!.endedAtMs!;
    });
    expect(waited.length).toBe(4);
    expect(Math.max(...waited)).toBeLessThan(5_000);
  }, 60_000);
});

describe('a host of results that asks for a pause', () => {
  it.each([429, 503])(
    'with %i and Retry-After is not asked again before, for anything',
    async (status) => {
      let refusedAtMs: number | null = null;
      const host = await hostOfResults(() => {
        if (refusedAtMs !== null) return null;
        refusedAtMs = clock.nowMs();
        return { status, retryAfter: 10 };
      });
      const overrides = { clock, providers: from((id) => host.urlOf(id)), random: () => 0.9 };
      // One create a second, so that results come all the time.
      const plan = batch.plan(languages(8));
      const acme = { ...plan.providers.acme!, limits: { creates: 1, perMs: 1_000, concurrent: 10 } };
      expect((await batch.run(overrides, { ...plan, providers: { acme } })).exit).toBe(0);
      const after = host.asked.slice(1).map(({ atMs }) => atMs - refusedAtMs!);
      expect(after.length).toBe(8);
      expect(Math.min(...after)).toBeGreaterThanOrEqual(10_000);
      expect(Math.min(...after)).toBeLessThan(15_000);
      expect(held()).toEqual([]);
    },
    60_000,
  );
});

describe('a run whose downloads rest', () => {
  it('ends at once when it is told to, and the next one tries at once', async () => {
    const stop = new AbortController();
    let isDead = true;
    const host = await hostOfResults(() => (isDead ? OUT : null));
    const providers = from((id) => host.urlOf(id));
    const onEvent = atPauses(() => setImmediate(() => stop.abort()));
    // By the machine’s own clock, whose pause of half a minute and more no test would live to see.
    const plan = batch.plan(languages(6));
    expect((await batch.run({ providers, stop: stop.signal, onEvent }, plan)).exit).toBe(130);
    expect(states()).toContain('downloading');
    expect(held()).toEqual([]);
    isDead = false;
    expect((await batch.run({ providers }, plan)).exit).toBe(0);
    expect(batch.scripted.starts.length).toBe(6);
  }, 20_000);
});
