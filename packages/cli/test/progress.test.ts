import type { LaneStatus, LaneWait, OpenWork, Plan } from '@localize/core';
import type { RunEvent } from '@localize/runner';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { CommandContext } from '../src/definitions.js';
import { laneLines, laneWaitWords } from '../src/output/lane-text.js';
import { createPaint } from '../src/output/paint.js';
import { announceInterrupts } from '../src/progress/announce-interrupts.js';
import { eventLine } from '../src/progress/event-line.js';
import { createProgress } from '../src/progress/progress.js';
import { liveLines, plainLine } from '../src/progress/progress-lines.js';
import { applyEvent, createProgressModel, type ProgressModel } from '../src/progress/progress-model.js';

const plan = {
  batch: 'b',
  emulate: false,
  jobs: [{}, {}, {}, {}],
} as unknown as Plan;

function lane(over: Partial<LaneStatus> = {}): LaneStatus {
  return {
    lane: 'FAL_KEY',
    provider: 'fal',
    limits: { creates: 2, perMs: 10_000, concurrent: 3 },
    from: { creates: 'manifest', perMs: 'manifest', concurrent: 'manifest' },
    learnedConcurrent: null,
    open: 1,
    doubtful: 0,
    inWindow: 2,
    nextPlaceAtMs: null,
    placesFreeAtMs: [],
    rateLimited: 0,
    waitingJobs: 2,
    wait: { for: 'job' },
    ...over,
  };
}

function attempt(atMs: number, id: string, from: 'intended' | null, to: string, costMicros?: number): RunEvent {
  const event = {
    atMs,
    type: 'attempt:state',
    key: `v/${id}`,
    attemptId: id,
    route: 'fal/infinitalk',
    lane: 'FAL_KEY',
  };
  return { ...event, from, to, costMicros } as RunEvent;
}

describe('progress', () => {
  test('shows each lane as the state has it, and the total with money', () => {
    const model = createProgressModel(plan);
    const events: RunEvent[] = [
      { atMs: 0, type: 'run:started', runId: 'r', batch: 'b', jobs: 4, done: 1 },
      { atMs: 1_000, type: 'job:state', key: 'v/1', from: 'submitting', to: 'processing' },
      attempt(1_000, '1', null, 'intended'),
      attempt(1_100, '1', 'intended', 'accepted'),
      attempt(2_000, '2', null, 'intended'),
      attempt(2_500, '2', 'intended', 'completed', 170_000),
      { atMs: 3_000, type: 'job:state', key: 'v/2', from: 'downloading', to: 'succeeded' },
      { atMs: 3_000, type: 'job:state', key: 'v/3', from: 'pending', to: 'held', reason: 'no-route' },
      // Not bought yet, and it may wait for its turn for long.
      { atMs: 3_500, type: 'job:state', key: 'v/4', from: 'pending', to: 'staging' },
    ];
    for (const event of events) applyEvent(model, event);
    const lanes = { nowMs: 4_000, lanes: [lane({ wait: { for: 'window', untilMs: 11_020 } })] };
    expect(liveLines(model, { lanes, paint: createPaint(false), columns: 120 })).toEqual([
      '  fal  FAL_KEY  1 of 3 open  0 of 2 creates left per 10s  next place in the window in 7s; 2 jobs to go',
      `  ${'█'.repeat(12)}${'░'.repeat(12)} 2 of 4 done, 1 before · 1 running · 1 held · $0.17 in this run`,
    ]);
    expect(plainLine(model, { lanes: null })).toBe('2 of 4 done, 1 before · 1 running · 1 held · $0.17 in this run');
  });

  test('has everything of a lane on a terminal of 80 columns, and the most of it on narrower ones', () => {
    const model = createProgressModel(plan);
    const of = (provider: string, name: string, over: Partial<LaneStatus>) =>
      lane({ provider, lane: name, limits: { creates: 100, perMs: 60_000, concurrent: 10 }, inWindow: 12, ...over });
    const lanes = [
      of('eachlabs', 'EACHLABS_API_KEY', { open: 10, waitingJobs: 120, wait: { for: 'slot' } }),
      of('eachlabs', 'EACHLABS_API_KEY_2', { open: 3, waitingJobs: 120, wait: { for: 'window', untilMs: 24_000 } }),
      of('wavespeed', 'WAVESPEED_API_KEY', { open: 0, waitingJobs: 0, wait: { for: 'nothing' } }),
      of('fal', 'FAL_KEY', { waitingJobs: 7, wait: { for: 'pause', cause: 'rate-limit', untilMs: 14_000 } }),
    ];
    const open = (sinceMs: number): OpenWork => {
      const on = { provider: 'eachlabs', lane: 'EACHLABS_API_KEY' };
      return { ...on, sinceMs, usualMs: 60_000, seen: [], isAwaited: true, slotUntilMs: 9e15 };
    };
    const work = {
      open: [open(0), open(-20_000)],
      waiting: [],
      uploads: [],
      results: [],
      downloads: [],
      downloadsAtOnce: 12,
    };
    const rows = (columns: number) =>
      liveLines(model, { lanes: { nowMs: 4_000, lanes, work }, paint: createPaint(false), columns }).slice(0, -1);
    expect(rows(160)[0]).toBe(
      '  eachlabs   EACHLABS_API_KEY    10 of 10 open  88 of 100 creates left per 1m  next slot in about 36s; 120 jobs to go on 2 lanes',
    );
    expect(rows(80)).toEqual([
      '  eachlabs   …API_KEY  10/10 open  120 to go  88 left per 1m  next in ~36s',
      '  eachlabs   …I_KEY_2  3/10 open   the same   88 left per 1m  next in 20s',
      '  wavespeed            0/10 open   0 to go    88 left per 1m  idle',
      '  fal                  1/10 open   7 to go    88 left per 1m  next in 10s (429)',
    ]);
    expect(rows(60)).toEqual([
      '  eachlabs …EY 10/10 120 to go 88/1m in ~36s',
      '  eachlabs …_2 3/10 the same 88/1m in 20s',
      '  wavespeed 0/10 0 to go 88/1m idle',
      '  fal 1/10 7 to go 88/1m in 10s (429)',
    ]);
    expect(rows(40)).toEqual([
      '  eachlabs …EY 10/10 120 to go in ~36s',
      '  eachlabs …_2 3/10 the same in 20s',
      '  wavespeed 0/10 0 to go idle',
      '  fal 1/10 7 to go in 10s (429)',
    ]);
    expect(rows(30).slice(0, 2)).toEqual(['  eachlabs …EY 10/10 in ~36s', '  eachlabs …_2 3/10 in 20s']);
    expect(rows(24).slice(0, 2)).toEqual(['  eachlabs …EY in ~36s', '  eachlabs …_2 in 20s']);
    // Why a lane is closed may be long, and shortens no other.
    lanes[2] = of('wavespeed', 'WAVESPEED_API_KEY', { wait: { for: 'person', why: 'auth: '.repeat(20) } });
    expect(rows(80)[0]).toBe('  eachlabs   …API_KEY  10/10 open  120 to go  88 left per 1m  next in ~36s');
  });

  test('says of a lane that it buys nothing more once a run’s creates have ended', () => {
    const lanes = { nowMs: 4_000, lanes: [lane({ wait: { for: 'job' }, waitingJobs: 2 })] };
    const row = (model: ProgressModel) => liveLines(model, { lanes, paint: createPaint(false), columns: 120 })[0];
    const model = createProgressModel(plan);
    expect(row(model)).toContain('free: the next job is being staged');
    applyEvent(model, { atMs: 0, type: 'budget:met', cap: 'budget.languages.ja', everything: false, message: '' });
    expect(row(model)).toContain('free: the next job is being staged');
    applyEvent(model, { atMs: 0, type: 'run:stopping', why: 'stop-after', repliesInFlight: 0 });
    expect(row(model)).toContain('buys nothing more; 2 jobs left for another run');
    expect(plainLine(model, { lanes })).not.toContain('stopping');
    expect(row(createProgressModel(plan, { collect: true }))).toContain('buys nothing more');
  });

  test('counts what an earlier run has left on its way', () => {
    const model = createProgressModel(plan);
    const underWay = ['1', '2', '3'].map((id) => ({ key: `v/${id}`, state: 'processing' as const, provider: 'fal' }));
    applyEvent(model, { atMs: 0, type: 'run:started', runId: 'r', batch: 'b', jobs: 4, done: 1, underWay });
    expect(plainLine(model, { lanes: null })).toBe('1 of 4 done, 1 before · 3 running · $0.00 in this run');
  });

  test('says how long it may take, that it may be any moment, or that it takes longer than usual', () => {
    const model = createProgressModel({ ...plan, jobs: Array.from({ length: 2 }) } as unknown as Plan);
    applyEvent(model, { atMs: 0, type: 'run:started', runId: 'r', batch: 'b', jobs: 2, done: 0 });
    const open = (sinceMs: number): OpenWork => {
      return {
        provider: 'fal',
        lane: 'FAL_KEY',
        sinceMs,
        usualMs: 60_000,
        seen: [],
        isAwaited: true,
        slotUntilMs: 9e15,
      };
    };
    const words = (nowMs: number, ...all: OpenWork[]) => {
      const work = { open: all, waiting: [], uploads: [], results: [], downloads: [], downloadsAtOnce: 12 };
      return plainLine(model, { lanes: { nowMs, lanes: [lane({ waitingJobs: 0 })], work } })
        .split(' · ')
        .slice(2);
    };
    expect(words(0, open(0))).toEqual(['about 1m left']);
    expect(words(59_100, open(0))).toEqual(['any moment']);
    expect(words(80_000, open(0))).toEqual(['any moment']);
    expect(words(100_000, open(0))).toEqual(['takes longer than usual']);
    expect(words(100_000, open(0), open(90_000))).toEqual(['more than 50s left', '1 longer than usual']);
    expect(words(0)).toEqual([]);
  });

  test('keeps its words and leaves the bar out where both do not fit', () => {
    const model = createProgressModel(plan);
    applyEvent(model, { atMs: 0, type: 'run:started', runId: 'r', batch: 'b', jobs: 4, done: 0 });
    applyEvent(model, { atMs: 1, type: 'job:state', key: 'v/1', from: 'downloading', to: 'succeeded' });
    const line = (columns: number) => liveLines(model, { lanes: null, paint: createPaint(false), columns }).at(-1);
    expect(line(80)).toBe(`  ${'█'.repeat(6)}${'░'.repeat(18)} 1 of 4 done · $0.00`);
    expect(line(36)).toBe(`  ${'█'.repeat(3)}${'░'.repeat(10)} 1 of 4 done · $0.00`);
    expect(line(30)).toBe('  1 of 4 done · $0.00');
  });

  test('leaves words out where a terminal is too narrow for all, and the time that is left last', () => {
    const model = createProgressModel({ ...plan, emulate: true } as unknown as Plan);
    const underWay = ['2', '3'].map((id) => ({ key: `v/${id}`, state: 'processing' as const, provider: 'fal' }));
    applyEvent(model, { atMs: 0, type: 'run:started', runId: 'r', batch: 'b', jobs: 4, done: 1, underWay });
    applyEvent(model, attempt(1, '2', 'intended', 'accepted', 1_170_000));
    applyEvent(model, { atMs: 2, type: 'job:state', key: 'v/4', from: 'processing', to: 'failed' });
    const on = { provider: 'fal', lane: 'FAL_KEY', sinceMs: 0, usualMs: 300_000 };
    const open: OpenWork[] = [{ ...on, seen: [], isAwaited: true, slotUntilMs: 9e15 }];
    const work = { open, waiting: [], uploads: [], results: [], downloads: [], downloadsAtOnce: 12 };
    const lanes = { nowMs: 0, lanes: [lane({ waitingJobs: 0 })], work };
    const row = (columns: number) => liveLines(model, { lanes, paint: createPaint(false), columns }).at(-1);
    expect(row(120)).toMatch(
      / 1 of 4 done, 1 before · 2 running · 1 failed · \$1.17 in this run simulated · about 5m left$/,
    );
    expect(row(85)).toBe('  1 of 4 done, 1 before · 2 running · 1 failed · $1.17 simulated · about 5m left');
    expect(row(80)).toMatch(/ 1 of 4 done, 1 before · 2 running · 1 failed · \$1.17 · about 5m left$/);
    expect(row(60)).toMatch(/ 1 of 4 done · 1 failed · \$1.17 · about 5m left$/);
    expect(row(40)).toBe('  1/4 · 1 failed · $1.17 · ~5m left');
    expect(row(28)).toBe('  1/4 · $1.17 · ~5m left');
    expect(row(12)).toContain('~5m left');
  });

  test('says how far it is once a minute where nothing can move, and nothing with --quiet', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let said = '';
    const write = (text: string) => {
      said += text;
    };
    const err = { write, isTerminal: false, columns: 80, rows: 24 };
    const context = { err, variables: {} } as unknown as CommandContext;
    const progress = createProgress(context, plan, { color: false });
    progress.onEvent({ atMs: Date.now(), type: 'run:started', runId: 'r', batch: 'b', jobs: 4, done: 1 });
    vi.advanceTimersByTime(150_000);
    progress.end();
    vi.advanceTimersByTime(150_000);
    const lines = said
      .trim()
      .split('\n')
      .map((line) => line.slice('00:00:00 '.length));
    const passing = '1 of 4 done, 1 before · $0.00 in this run';
    expect(lines).toEqual(['b: 4 jobs, 1 of them done before', passing, passing]);

    said = '';
    const quiet = createProgress(context, plan, { quiet: true });
    quiet.onEvent({ atMs: Date.now(), type: 'problem', key: 'v/1', message: 'no' });
    quiet.onEvent({ atMs: Date.now(), type: 'job:state', key: 'v/1', from: 'processing', to: 'failed' });
    vi.advanceTimersByTime(150_000);
    expect(said).toBe('');
    // Of what is wrong with the run itself the summary says nothing.
    for (let time = 0; time < 2; time += 1) {
      quiet.onEvent({ atMs: Date.now(), type: 'problem', message: 'SLACK_URL was not told: the answer was 404' });
    }
    expect(said).toBe('SLACK_URL was not told: the answer was 404\n');
  });

  test('says of each thing that a lane can wait for what it is', () => {
    const now = { nowMs: 60_000, atWork: true };
    const words = (wait: LaneWait, atWork = true) => laneWaitWords(lane({ wait }), { ...now, atWork });
    expect([
      words({ for: 'person', why: 'auth: no such key' }),
      words({ for: 'nothing' }),
      words({ for: 'budget' }),
      words({ for: 'pause', cause: 'rate-limit', untilMs: 72_000 }),
      words({ for: 'pause', cause: 'uncertain', untilMs: 180_000 }),
      words({ for: 'reply' }),
      words({ for: 'slot' }),
      words({ for: 'window', untilMs: null }),
      words({ for: 'job' }),
      words({ for: 'job' }, false),
    ]).toEqual([
      'closed: auth: no such key',
      'nothing to do',
      '2 jobs beyond the budget',
      'pauses for 12s after a 429; 2 jobs to go',
      'pauses for 2m after creates without a clear reply; 2 jobs to go',
      'sends one create at a time and waits for its reply; 2 jobs to go',
      'all slots are taken; 2 jobs to go',
      'the window is full of creates that have no reply yet; 2 jobs to go',
      'free: the next job is being staged; 2 jobs to go',
      'free: 2 jobs to go, and no run at work',
    ]);
    const former = lane({ former: true, open: 1, wait: { for: 'nothing' } });
    const formerWords = (held: number) => laneWaitWords({ ...former, open: 3, held }, now);
    expect([formerWords(0), formerWords(1), formerWords(3)]).toEqual([
      'a former key: what it bought is awaited, nothing more goes to it',
      'a former key: of what it bought 1 held, 2 awaited, nothing more goes to it',
      'a former key: what it bought is held, nothing more goes to it',
    ]);
    const from = { creates: 'default', perMs: 'default', concurrent: 'command' } as const;
    const set = lane({ from, learnedConcurrent: 2, open: 2 });
    expect(laneLines([set], { ...now, sources: true })[0]).toContain(
      '2 of 2 open (learned; the limit is 3)  0 of 2 creates left per 10s  open set by command, creates and window by default',
    );
    expect(laneLines([set], now)[0]).toContain('limits set by command');
  });

  test('shows what goes up and how far it is, a few files at a time', () => {
    const model = createProgressModel(plan);
    const upload = (file: string, bytes: number): RunEvent => {
      return { atMs: 0, type: 'upload:progress', file, destination: 'bucket', bytes, totalBytes: 2_400_000_000 };
    };
    for (const file of ['a.mp4', 'b.mp4', 'c.mp4', 'd.mp4']) applyEvent(model, upload(file, 24_000_000));
    applyEvent(model, upload('a.mp4', 1_100_000_000));
    expect(liveLines(model, { lanes: null, paint: createPaint(false), columns: 100 }).slice(0, 4)).toEqual([
      '  uploading a.mp4  45 % of 2.4 GB',
      '  uploading b.mp4  1 % of 2.4 GB',
      '  uploading c.mp4  1 % of 2.4 GB',
      '  and 1 more upload',
    ]);
    expect(plainLine(model, { lanes: null })).toContain('waiting for 4 uploads to bucket');
    applyEvent(model, { atMs: 0, type: 'job:state', key: 'v/1', from: 'submitting', to: 'processing' });
    expect(plainLine(model, { lanes: null })).toContain('1 running · 4 uploads');
    const silent = createProgressModel(plan);
    for (const destination of [
      's3 https://s3.test:9000/b/in/ presigned',
      'https://s3.test:9000/b/out/',
      'fal@fal.test',
    ])
      applyEvent(silent, { ...upload('a.mp4', 0), destination } as RunEvent);
    expect(plainLine(silent, { lanes: null })).toContain('waiting for 3 uploads to s3.test:9000 and fal.test');
    const long = createProgressModel(plan);
    applyEvent(long, upload('a-talk-with-the-founders.mp4', 24_000_000));
    expect(liveLines(long, { lanes: null, paint: createPaint(false), columns: 40 })[0]).toBe(
      '  uploading a-talk-with…  1 % of 2.4 GB',
    );
    const about = { atMs: 0, destination: 'bucket' };
    applyEvent(model, { ...about, type: 'upload:done', file: 'a.mp4', bytes: 1 });
    applyEvent(model, { ...about, type: 'upload:failed', file: 'b.mp4', message: 'broke off' });
    expect(model.uploads.size).toBe(2);
  });

  test('says at once what a signal sets off, and counts the replies that are out', () => {
    const [stop, abort] = [new AbortController(), new AbortController()];
    const said: string[] = [];
    const announce = announceInterrupts({ stop: stop.signal, abort: abort.signal }, (line) => said.push(line));
    announce.onEvent(attempt(1, '1', null, 'intended'));
    announce.onEvent(attempt(1, '2', null, 'intended'));
    announce.onEvent(attempt(2, '2', 'intended', 'accepted'));
    stop.abort();
    abort.abort();
    expect(said).toEqual([
      'stopping: no further create leaves; 1 reply is awaited, since each may be a purchase (Ctrl-C again gives up the wait)',
      'giving up the wait: creates without a reply are settled by the next run',
    ]);
    announce.end();
  });

  test('keeps a provider’s words inert and drops what nobody has to act on', () => {
    const options = { verbose: false, paint: createPaint(false) };
    const failure = { kind: 'provider', message: 'bad\u001b[31m\nline' } as const;
    const failed = { atMs: 0, type: 'job:state', key: 'v/de', from: 'processing', to: 'failed', failure } as const;
    expect(eventLine(failed, options)).toBe('v/de failed: bad [31m line');
    expect(eventLine(attempt(0, '1', null, 'intended'), options)).toBeNull();
    expect(eventLine(attempt(0, '1', null, 'intended'), { ...options, verbose: true })).toContain('intended');
    const why = '2 downloads in a row failed: HTTP 503';
    const paused = { atMs: 0, type: 'download:paused', from: 'cdn.example', untilMs: 45_000, why } as const;
    expect(eventLine(paused, options)).toBe(`downloads from cdn.example pause for 45s: ${why}`);
  });
});
