import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Plan, PlannedJob, Provider } from '@localize/core';
import { secret } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent, RunOptions, Staging } from '../src/index.js';
import { type BatchFixture, batchFixture, plannedJob } from '../testing/batch-fixture.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture();
});
afterEach(() => batch.close());

/** A file of its own content that takes next to no room on the disk. */
function fileOf(name: string, bytes: number): string {
  const path = join(batch.dir, name);
  const file = openSync(path, 'w');
  writeSync(file, name);
  ftruncateSync(file, bytes);
  closeSync(file);
  return path;
}

/** One job a video, or several languages of each. */
function jobsOf(videos: readonly string[], languages: readonly string[]): PlannedJob[] {
  return videos.flatMap((path, index) =>
    languages.map((language, offset) => {
      const name = basename(path).replace(/\..*$/, '');
      const job = plannedJob(language, index * languages.length + offset);
      return {
        ...job,
        key: `${name}/${language}`,
        videoId: name,
        video: { kind: 'file', path },
        output: `${name}.${language}.mp4`,
      };
    }),
  );
}

function planOf(jobs: readonly PlannedJob[], concurrent: number): Plan {
  const plan = batch.plan([]);
  const limits = { creates: 1_000, perMs: 60_000, concurrent };
  return { ...plan, jobs, providers: { acme: { ...plan.providers.acme!, limits } } };
}

/** Uploads that stay out until they are let go. */
function heldUploads(isHeld: (name: string) => boolean) {
  let letGo: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const begun: string[] = [];
  const staging: Staging = {
    destination: 'bucket',
    stage: async (file) => {
      begun.push(basename(file.path));
      if (isHeld(basename(file.path))) await gone;
      return { url: `https://media.example/${basename(file.path)}`, keptMs: null };
    },
  };
  return { staging, begun, letGo: () => letGo() };
}

/** Runs until every job whose key is expected has succeeded, and only then lets the rest go on. */
async function runUntil(keys: readonly string[], plan: Plan, options: Partial<RunOptions>, then: () => void) {
  const missing = new Set(keys);
  const early: string[] = [];
  const onEvent = (event: RunEvent) => {
    if (event.type !== 'job:state' || event.to !== 'succeeded') return;
    if (missing.size > 0) early.push(event.key);
    if (missing.delete(event.key) && missing.size === 0) then();
  };
  const outcome = await batch.run({ ...options, onEvent }, plan);
  return { outcome, early };
}

describe('a long upload', () => {
  it('in twenty languages holds up no job behind it', async () => {
    const languages = Array.from({ length: 20 }, (_, index) => `l-${index}`);
    const jobs = [
      ...jobsOf([fileOf('film.mp4', 1_000)], languages),
      ...jobsOf([fileOf('clip.mp4', 500)], ['de', 'fr']),
    ];
    const numbered = jobs.map((job, position) => ({ ...job, position }));
    const { staging, letGo } = heldUploads((name) => name === 'film.mp4');
    const done = await runUntil(['clip/de', 'clip/fr'], planOf(numbered, 4), { staging }, letGo);
    expect(done.outcome.exit).toBe(0);
    expect(done.early.sort()).toEqual(['clip/de', 'clip/fr']);
  });

  it('of many films leaves room for a short clip’s', async () => {
    const films = Array.from({ length: 9 }, (_, index) => fileOf(`film-${index}.mp4`, 17_000_000));
    const jobs = jobsOf([...films, fileOf('clip.mp4', 500)], ['de']);
    const { staging, begun, letGo } = heldUploads((name) => name.startsWith('film'));
    let begunBefore = 0;
    const done = await runUntil(['clip/de'], planOf(jobs, 4), { staging }, () => {
      begunBefore = begun.filter((name) => name.startsWith('film')).length;
      letGo();
    });
    expect(done.outcome.exit).toBe(0);
    expect(done.early).toEqual(['clip/de']);
    expect(begunBefore).toBeLessThanOrEqual(4);
  });
});

describe('the next job', () => {
  it('is uploaded before the slot that it gets is free', async () => {
    const jobs = jobsOf([fileOf('one.mp4', 100), fileOf('two.mp4', 100), fileOf('three.mp4', 100)], ['de']);
    const { provider } = batch.scripted;
    const uploaded = new Set<string>();
    const order: string[] = [];
    const waiting: Provider = {
      ...provider,
      start: async (...call) => {
        order.push(`start ${basename(call[0].media.video)}`);
        return provider.start(...call);
      },
      // The only slot stays taken until all three lie in the bucket.
      status: async (...call) =>
        uploaded.size < 3 ? { state: 'pending', phase: 'running' } : provider.status(...call),
    };
    const staging: Staging = {
      destination: 'bucket',
      stage: async ({ path }) => {
        uploaded.add(path);
        order.push(`upload ${basename(path)}`);
        return { url: `https://media.example/${basename(path)}`, keptMs: null };
      },
    };
    const outcome = await batch.run({ staging, providers: new Map([['acme', waiting]]) }, planOf(jobs, 1));
    expect(outcome.exit).toBe(0);
    const starts = order.flatMap((each, index) => (each.startsWith('start') ? [index] : []));
    const lastUpload = order.findLastIndex((each) => each.startsWith('upload'));
    expect(starts).toHaveLength(3);
    expect(lastUpload).toBeLessThan(starts[1]!);
  });
});

describe('two providers', () => {
  it('wait neither for each other’s uploads nor for each other’s results', async () => {
    const { provider, catalogue } = batch.scripted;
    let letGo: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    // Everything of globex hangs: its uploads, and the host that serves its results.
    const globex: Provider = {
      ...provider,
      id: 'globex',
      upload: async (...call) => {
        if (call[0].name.endsWith('.mov')) await gone;
        return provider.upload!(...call);
      },
      status: async (...call) => {
        await gone;
        return provider.status(...call);
      },
    };
    const [route] = catalogue.routes;
    const [facts] = catalogue.providers;
    const both = {
      routes: [route!, { ...route!, id: 'globex/lips', provider: 'globex' }],
      providers: [facts!, { ...facts!, id: 'globex', keyVariable: 'GLOBEX_KEY' }],
    };
    const onGlobex = (job: PlannedJob): PlannedJob => ({
      ...job,
      choices: [{ ...job.choices[0]!, route: 'globex/lips', provider: 'globex' }],
    });
    const stuckVideos = Array.from({ length: 10 }, (_, index) => fileOf(`stuck-${index}.mov`, 100));
    const stuck = jobsOf([...stuckVideos, fileOf('open.mp4', 100)], ['de']).map(onGlobex);
    const jobs = [...stuck, ...jobsOf([fileOf('clip.mp4', 200)], ['de', 'fr', 'ja'])];
    const plan = planOf(
      jobs.map((job, position) => ({ ...job, position })),
      4,
    );
    const acme = plan.providers.acme!;
    const providers = { acme, globex: { ...acme, id: 'globex', keys: [{ variable: 'GLOBEX_KEY', account: null }] } };
    const keys = ['acme', 'globex'].map((id) => ({
      provider: id,
      variable: `${id.toUpperCase()}_KEY`,
      account: null,
      key: secret(`key of ${id}`),
    }));
    const adapters = new Map([
      ['acme', provider],
      ['globex', globex],
    ]);
    const wanted = ['clip/de', 'clip/fr', 'clip/ja'];
    const options = { keys, providers: adapters, catalogue: both, laneHost: (id: string) => id };
    const done = await runUntil(wanted, { ...plan, providers }, options, letGo);
    expect(done.outcome.exit).toBe(0);
    expect(done.early.sort()).toEqual(wanted);
  });
});
