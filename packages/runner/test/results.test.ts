import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { costTotals, type StatusResult } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { neededFor, type RunEvent, retry } from '../src/index.js';
import { type BatchFixture, batchFixture, MEDIA } from '../testing/batch-fixture.js';
import { withSecondProvider } from '../testing/second-provider.js';
import { SkippingClock } from '../testing/skipping-clock.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

const VIDEO = join(MEDIA, 'welcome.mp4');

describe('a disk that is nearly full', () => {
  it('stops before anything is bought', async () => {
    await expect(batch.run({ freeBytes: () => 50_000_000 })).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(batch.scripted.starts).toHaveLength(0);
    expect((await batch.run()).exit).toBe(0);
  });

  it('is told of once, whatever the number of providers that wait for room', async () => {
    const { plan, overrides } = withSecondProvider(batch, ['de', 'fr']);
    const jobs = plan.jobs.map((job, index) => ({ ...job, choices: job.choices.slice(index, index + 1) }));
    const full = { ...overrides, freeBytes: () => 50_000_000 };
    await expect(batch.run(full, { ...plan, jobs })).rejects.toMatchObject({ code: 'DISK_FULL' });
    const told = batch.events.filter((event) => event.type === 'problem');
    expect(told).toMatchObject([{ message: expect.stringContaining('no further create leaves') }]);
  });

  it('is enough with what the plan says, and not with one byte less', async () => {
    const needed = neededFor(batch.plan(['de']).jobs);
    await expect(batch.run({ freeBytes: () => needed - 1 })).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(batch.scripted.starts).toHaveLength(0);
    expect((await batch.run({ freeBytes: () => needed })).exit).toBe(0);
  });
});

describe('a result that is too short', () => {
  it('is kept as .held.mp4 and never bought again by a run', async () => {
    const plan = batch.plan(['de']);
    const long = { ...plan, jobs: plan.jobs.map((planned) => ({ ...planned, durationMs: 60_000 })) };
    const outcome = await batch.run({}, long);
    expect(outcome.exit).toBe(1);
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'too-short' });
    expect(batch.job().reason).toMatch(/: \d+(\.\d)? s long where its track has 1 min$/);
    expect(batch.job().output).toMatch(/keynote\.de\.held\.mp4$/);
    await batch.run({}, long);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is so by the track as somebody has heard it, whatever its length is stated as', async () => {
    const plan = batch.plan(['de']);
    const overstated = plan.jobs.map((planned) => ({ ...planned, durationMs: 60_000, heardMs: 5_000 }));
    expect((await batch.run({}, { ...plan, jobs: overstated })).exit).toBe(0);
  });
});

describe('a result in whose place something else is served', () => {
  const everything = { only: () => true, uncertain: false };

  beforeEach(async () => {
    batch.scripted.outputStatus.page = '<html>Please log in</html>';
    expect((await batch.run({ clock: new SkippingClock(Date.now()) })).exit).toBe(1);
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'bad-output' });
  });

  it('is fetched once more by `retry`, and not bought again, when its host is well by then', async () => {
    batch.scripted.outputStatus.page = null;
    const retried = await retry(batch.action(), everything);
    expect(retried).toMatchObject({ again: [], resumed: ['keynote/de'] });
    expect([...retried.sought]).toEqual([['keynote/de', 'bad-output']]);
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is bought again by the second `retry`, when it was no video once more', async () => {
    expect(await retry(batch.action(), everything)).toMatchObject({ again: [], resumed: ['keynote/de'] });
    expect((await batch.run({ clock: new SkippingClock(Date.now()) })).exit).toBe(1);
    batch.scripted.outputStatus.page = null;
    expect(await retry(batch.action(), everything)).toMatchObject({ again: ['keynote/de'], resumed: [] });
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
  });
});

describe('a result that its provider names in a form of its own', () => {
  const everything = { only: () => true, uncertain: false };
  const names = (output: Extract<StatusResult, { state: 'completed' }>['output']) =>
    batch.scripted.statuses.set('prediction-1', { state: 'completed', output, costMicros: null, seed: null });

  beforeEach(async () => {
    names({ unreadable: '/outputs/v.mp4' });
    expect((await batch.run({ clock: new SkippingClock(Date.now()) })).exit).toBe(1);
  });

  it('is held as paid for, with what came, and taken once somebody can fetch it', async () => {
    expect(batch.job()).toMatchObject({
      state: 'held',
      holdReason: 'bad-output',
      reason: expect.stringContaining('its provider names no address that it could be fetched from: /outputs/v.mp4'),
    });
    expect(costTotals([batch.job()]).billedMicros).toBe(150_000);
    batch.scripted.statuses.clear();
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is asked for once more by `retry` before another is bought', async () => {
    expect(await retry(batch.action(), everything)).toMatchObject({ again: [], resumed: ['keynote/de'] });
    expect((await batch.run({ clock: new SkippingClock(Date.now()) })).exit).toBe(1);
    expect(await retry(batch.action(), everything)).toMatchObject({ again: ['keynote/de'], resumed: [] });
  });

  it('is taken out of the reply itself, where it is the whole video in base64', async () => {
    names({ url: `data:video/mp4;base64,${readFileSync(VIDEO).toString('base64')}` });
    expect((await batch.run()).exit).toBe(0);
    expect(readFileSync(batch.job().output!).length).toBeGreaterThan(1_000);
    expect(JSON.stringify(batch.store.sqlite.prepare('SELECT * FROM attempts').all())).not.toContain('base64');
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is held where what came in the reply is no video', async () => {
    names({ url: 'data:text/html;base64,PGh0bWw+' });
    expect((await batch.run({ clock: new SkippingClock(Date.now()) })).exit).toBe(1);
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'bad-output' });
    expect(batch.job().reason).not.toContain('PGh0');
  });
});

describe('a result whose URL has expired', () => {
  it('is asked for again at the provider, and never paid for again', async () => {
    const { provider } = batch.scripted;
    let asked = 0;
    const status: typeof provider.status = async (route, reference, context) => {
      const answer = await provider.status(route, reference, context);
      asked += 1;
      if (asked > 1 || answer.state !== 'completed') return answer;
      return {
        ...answer,
        output: { url: String('url' in answer.output && answer.output.url).replace('out.mp4', 'expired.mp4') },
      };
    };
    expect((await batch.run({ providers: new Map([['acme', { ...provider, status }]]) })).exit).toBe(0);
    expect(asked).toBe(2);
    expect(existsSync(batch.job().output!)).toBe(true);
    expect(batch.scripted.starts).toHaveLength(1);
  });
});

describe('a result whose host refuses it', () => {
  const MINUTE_MS = 60_000;
  const everything = { only: () => true, uncertain: false };

  /** A clock that skips waits, and tells each look at the host its time. */
  function watched(onLook: (sinceMs: number) => void = () => undefined, from = Date.now()) {
    const clock = new SkippingClock(from);
    const startedAt = clock.nowMs();
    const { provider } = batch.scripted;
    const status: typeof provider.status = (...call) => {
      onLook(clock.nowMs() - startedAt);
      return provider.status(...call);
    };
    return { clock, providers: new Map([['acme', { ...provider, status }]]) };
  }

  it('is lost once the provider has been asked again and again for half a minute, and never bought again', async () => {
    batch.scripted.outputStatus.code = 404;
    const looks: number[] = [];
    const host = watched((atMs) => looks.push(atMs));
    const outcome = await batch.run({ ...host, random: () => 0.5 });
    expect(outcome.exit).toBe(1);
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'lost' });
    expect(batch.job().attempts[0]?.state).toBe('lost');
    expect(looks.length).toBeGreaterThanOrEqual(7);
    expect(looks.at(-1)! - looks[0]!).toBeGreaterThanOrEqual(30_000);
    expect(looks.at(-1)! - looks[0]!).toBeLessThan(MINUTE_MS);
    await batch.run(watched(undefined, host.clock.nowMs()));
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is looked for once by each later run, and fetched when it is back', async () => {
    batch.scripted.outputStatus.code = 404;
    const first = watched();
    await batch.run(first);
    const looks: number[] = [];
    const second = watched((atMs) => looks.push(atMs), first.clock.nowMs());
    expect((await batch.run(second)).exit).toBe(1);
    expect(looks).toHaveLength(1);
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'lost' });
    batch.scripted.outputStatus.code = 200;
    expect((await batch.run(watched(undefined, second.clock.nowMs()))).exit).toBe(0);
    expect(batch.job()).toMatchObject({ state: 'succeeded' });
    expect(costTotals([batch.job()])).toMatchObject({ billedMicros: 150_000, lostMicros: 0 });
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is fetched when the host is back after 20 s; meanwhile it is said what is waited for', async () => {
    batch.scripted.outputStatus.code = 404;
    const reasons = new Set<string | null>();
    const backSoon = watched((atMs) => {
      reasons.add(batch.job().reason);
      if (atMs > 20_000) batch.scripted.outputStatus.code = 200;
    });
    expect((await batch.run({ ...backSoon, random: () => 0.5 })).exit).toBe(0);
    const said = batch.events.flatMap((event) => (event.type === 'problem' ? [event.message] : []));
    expect(said).toEqual([
      expect.stringMatching(/answered 404; it is asked for again for at least \d+ s before it counts as lost/),
    ]);
    expect([...reasons]).toContainEqual(expect.stringMatching(/^the result is paid for and is asked for again: .*404/));
    expect(batch.job().reason).toBeNull();
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is not lost while the host serves it now and then, however often that breaks off', async () => {
    let gone = 0;
    const { provider } = batch.scripted;
    const status: typeof provider.status = (...call) => {
      const isGone = batch.scripted.outputStatus.code !== 404;
      gone += isGone ? 1 : 0;
      Object.assign(batch.scripted.outputStatus, { code: isGone ? 404 : 200, truncateOnce: !isGone });
      return provider.status(...call);
    };
    const providers = new Map([['acme', { ...provider, status }]]);
    const clock = new SkippingClock(Date.now());
    while (gone < 13) {
      await batch.run({ clock, providers });
      expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'download-failed' });
      clock.after(10 * MINUTE_MS, () => undefined);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });

  it('counts on where an earlier run was stopped, in looks and in time', async () => {
    batch.scripted.outputStatus.code = 404;
    const stop = new AbortController();
    const first = watched((atMs) => {
      if (atMs > 10_000) stop.abort();
    });
    expect((await batch.run({ ...first, random: () => 0.5, stop: stop.signal })).exit).toBe(130);
    expect(batch.job().state).toBe('downloading');
    batch.reopen();
    const looks: number[] = [];
    const clock = new SkippingClock(first.clock.nowMs());
    const startedAt = clock.nowMs();
    const onEvent = () => looks.push(clock.nowMs() - startedAt);
    expect((await batch.run({ clock, random: () => 0.5, onEvent })).exit).toBe(1);
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'lost', output: null });
    expect(Math.max(...looks)).toBeLessThan(25_000);
  });

  it('is asked for once more by `retry` before another is bought', async () => {
    batch.scripted.outputStatus.code = 404;
    await batch.run(watched());
    batch.scripted.outputStatus.code = 200;
    expect(await retry(batch.action(), everything)).toMatchObject({ again: [], resumed: ['keynote/de'] });
    expect((await batch.run()).exit).toBe(0);
    expect(costTotals([batch.job()])).toMatchObject({ billedMicros: 150_000, lostMicros: 0 });
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('stays lost, with its money, while a run carries on other jobs', async () => {
    batch.scripted.outputStatus.code = 404;
    await batch.run(watched());
    await batch.run({ only: () => false }, batch.plan(['de', 'fr']));
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'lost' });
    expect(costTotals([batch.job()]).lostMicros).toBe(150_000);
  });

  it('is fetched, not bought, by `retry` where an output was deleted and its host is out of order', async () => {
    await batch.run();
    rmSync(batch.job().output!);
    batch.scripted.outputStatus.code = 500;
    await batch.run(watched());
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'download-failed' });
    batch.scripted.outputStatus.code = 200;
    expect(await retry(batch.action(), everything)).toMatchObject({ again: [], resumed: ['keynote/de'] });
    expect((await batch.run()).exit).toBe(0);
    expect(existsSync(batch.job().output!)).toBe(true);
    expect(batch.scripted.starts).toHaveLength(1);
  });

  it('is bought again by a second `retry`, when it is still gone', async () => {
    batch.scripted.outputStatus.code = 404;
    const { clock, providers } = watched();
    await batch.run({ clock, providers });
    await retry(batch.action(), everything);
    await batch.run({ clock, providers });
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'lost' });
    batch.scripted.outputStatus.code = 200;
    expect(await retry(batch.action(), everything)).toMatchObject({ again: ['keynote/de'], resumed: [] });
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
  });
});

describe('a prediction that the provider does not know', () => {
  it('is counted on by the next run: three looks over five minutes, whatever ended the first run', async () => {
    const failure = { kind: 'provider', message: 'no such id' } as const;
    batch.scripted.statuses.set('prediction-1', { state: 'vanished', failure });
    const stop = new AbortController();
    const { provider } = batch.scripted;
    const times: number[] = [];
    const clock = new SkippingClock(Date.now());
    const status: typeof provider.status = (...call) => {
      times.push(clock.nowMs());
      if (times.length === 2) stop.abort();
      return provider.status(...call);
    };
    const providers = new Map([['acme', { ...provider, status }]]);
    await batch.run({ clock, providers, stop: stop.signal });
    batch.reopen();
    // The laptop was closed for an hour: its first look proves what the earlier ones began.
    const later = new SkippingClock(clock.nowMs() + 3_600_000);
    const lateLooks: number[] = [];
    const lateStatus: typeof provider.status = (...call) => {
      lateLooks.push(later.nowMs());
      return provider.status(...call);
    };
    expect(
      (await batch.run({ clock: later, providers: new Map([['acme', { ...provider, status: lateStatus }]]) })).exit,
    ).toBe(1);
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'vanished' });
    expect(times.length + lateLooks.length).toBe(3);
  });

  it('is told, and held no later than at its timeout', async () => {
    const failure = { kind: 'provider', message: 'no such id' } as const;
    batch.scripted.statuses.set('prediction-1', { state: 'vanished', failure });
    const clock = new SkippingClock(Date.now());
    const begun = clock.nowMs();
    const plan = batch.plan(['de']);
    const acme = { ...plan.providers.acme!, timeoutMs: 60_000 };
    expect((await batch.run({ clock }, { ...plan, providers: { ...plan.providers, acme } })).exit).toBe(1);
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'vanished' });
    expect(clock.nowMs() - begun).toBeLessThan(65_000);
    const told = batch.events.filter((event) => event.type === 'problem').map(({ message }) => message);
    expect(told).toEqual([
      expect.stringMatching(/^acme does not know the prediction prediction-1 any more; it is asked again for \d+ s/),
    ]);
  });
});

describe('results that wait to be fetched', () => {
  it('are fetched in the order in which they came, since they expire in it, also by the next run', async () => {
    const languages = ['de', 'fr', 'ja'];
    const plan = batch.plan(languages);
    batch.scripted.outputStatus.code = 404;
    const stop = new AbortController();
    let missed = 0;
    const onEvent = (event: RunEvent) => {
      if (event.type === 'exchange' && event.status === 404) missed += 1;
      if (missed === languages.length) stop.abort();
    };
    await batch.run({ stop: stop.signal, onEvent }, plan);
    const came = batch.store.sqlite.prepare('UPDATE attempts SET ended_at = ended_at - ? WHERE prediction_id = ?');
    for (const [index, id] of ['prediction-2', 'prediction-3', 'prediction-1'].entries())
      came.run(3_000 - index * 1_000, id);

    batch.scripted.outputStatus.code = 200;
    const { provider } = batch.scripted;
    const asked: string[] = [];
    const status: typeof provider.status = (...call) => {
      asked.push(String(call[1].id));
      return provider.status(...call);
    };
    expect((await batch.run({ providers: new Map([['acme', { ...provider, status }]]) }, plan)).exit).toBe(0);
    expect(asked).toEqual(['prediction-2', 'prediction-3', 'prediction-1']);
  });
});
