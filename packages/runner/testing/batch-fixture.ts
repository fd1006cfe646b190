import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  estimatePrice,
  type JobSnapshot,
  type Plan,
  type PlannedJob,
  type Snapshot,
  secret,
  type WholePlan,
} from '@localize/core';
import {
  type ActionOptions,
  type Adopted,
  adopt,
  bootClock,
  openStore,
  type RunEvent,
  type RunOptions,
  type RunOutcome,
  readSnapshot,
  resultsIn,
  runBatch,
  type Store,
} from '../src/index.js';
import { type ScriptedProvider, scriptedProvider, scriptedRoute } from './scripted-provider.js';

export const MEDIA = fileURLToPath(new URL('../../../manifests/media/', import.meta.url));

/** A batch in a folder of its own, with a real state file and real media. */
export interface BatchFixture {
  readonly dir: string;
  readonly scripted: ScriptedProvider;
  readonly events: RunEvent[];
  store: Store;
  run(overrides?: Partial<RunOptions>, plan?: Plan): Promise<RunOutcome>;
  adopt(folder: string, plan?: Plan): Promise<Adopted>;
  plan(languages: readonly string[], changes?: Partial<WholePlan>): WholePlan;
  snapshot(batch?: string): Snapshot;
  /** Its first job, or the one at an index, as the state has it now. */
  job(index?: number): JobSnapshot;
  /** What a word of the user is said about, as `settle`, `retry` and `cancel` take it. */
  action(batch?: string): ActionOptions;
  reopen(): void;
  /** Deletes the state, and opens a new one. */
  loseState(): void;
  /** Opens what lies in the state's place after the old one was closed. */
  openAgain(): void;
  close(): Promise<void>;
}

/** A settlement's `referenceFor`: the scripted provider finds a prediction by its id alone. */
export const referenceFor = (_route: string, id: string) => ({ id });

export async function batchFixture(languages: readonly string[] = ['de']): Promise<BatchFixture> {
  const dir = mkdtempSync(join(tmpdir(), 'localize-runner-'));
  const scripted = await scriptedProvider(join(MEDIA, 'welcome.mp4'), () => Date.now());
  const statePath = join(dir, '.localize', 'state.db');
  const events: RunEvent[] = [];
  const plan = (tags: readonly string[], changes: Partial<WholePlan> = {}) => planOf(dir, tags, changes);
  const optionsOf = (chosen: Plan): RunOptions => ({
    plan: chosen,
    manifestPath: join(dir, 'manifest.yaml'),
    store: fixture.store,
    catalogue: scripted.catalogue,
    providers: new Map([['acme', scripted.provider]]),
    keys: [{ provider: 'acme', variable: 'ACME_KEY', account: null, key: secret('test-key') }],
    onEvent: (event) => events.push(event),
    random: () => 0.1,
    version: '0.0.0',
    host: 'test',
  });
  const fixture: BatchFixture = {
    dir,
    scripted,
    events,
    store: openStore(statePath),
    plan,
    run: (overrides = {}, chosen = plan(languages)) => runBatch({ ...optionsOf(chosen), ...overrides }),
    adopt: async (folder, chosen = plan(languages)) => adopt(optionsOf(chosen), await resultsIn(folder)),
    snapshot: (batch = 'spring') => {
      const options = { batch, manifest: 'manifest.yaml', emulated: false, nowMs: Date.now() };
      const snapshot = readSnapshot(fixture.store, options);
      if (snapshot === null) throw new Error('the batch is not in the state');
      return snapshot;
    },
    job: (index = 0) => {
      const found = fixture.snapshot().jobs[index];
      if (found === undefined) throw new Error(`the batch has no job ${index}`);
      return found;
    },
    action: (name = 'spring') => ({
      store: fixture.store,
      batch: name,
      clock: bootClock(fixture.store),
      host: 'test',
    }),
    reopen: () => {
      fixture.store.close();
      fixture.store = openStore(statePath);
    },
    loseState: () => {
      fixture.store.close();
      rmSync(dirname(statePath), { recursive: true });
      fixture.openAgain();
    },
    openAgain: () => {
      fixture.store = openStore(statePath);
    },
    close: async () => {
      fixture.store.close();
      await scripted.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return fixture;
}

function planOf(dir: string, languages: readonly string[], changes: Partial<WholePlan>): WholePlan {
  return {
    batch: 'spring',
    emulate: false,
    jobs: languages.map(plannedJob),
    providers: {
      acme: {
        id: 'acme',
        keys: [{ variable: 'ACME_KEY', account: null }],
        hosts: { base_url: 'https://api.acme.example' },
        auth: 'bearer',
        limits: { creates: 100, perMs: 60_000, concurrent: 10 },
        limitsFrom: { creates: 'manifest', perMs: 'manifest', concurrent: 'manifest' },
        poll: { firstMs: null, everyMs: null },
        timeoutMs: null,
      },
    },
    outputDir: join(dir, 'localized'),
    onUncertain: 'hold',
    failoverOnRejection: false,
    budget: { caps: [], marginPercent: 0, confirmAboveMicros: 10_000_000 },
    prices: { [scriptedRoute.id]: scriptedRoute.price },
    staging: null,
    warnings: [],
    ...changes,
  };
}

export function plannedJob(language: string, position: number): PlannedJob {
  const input = { prompt: null, seed: null, resolution: '480p', frames: null, options: {} };
  const estimate = estimatePrice(scriptedRoute.price, { billedMs: 5_000, resolution: '480p', frames: null });
  return {
    key: `keynote/${language}`,
    videoId: 'keynote',
    language,
    languageSpelling: language,
    position,
    labels: {},
    video: { kind: 'file', path: join(MEDIA, 'welcome.mp4') },
    voices: { kind: 'one', audio: { kind: 'url', url: `https://media.example/${language}.mp3` } },
    mask: null,
    durationMs: 5_000,
    choices: [{ route: scriptedRoute.id, provider: 'acme', input, estimate }],
    ineligible: [],
    output: `keynote/keynote.${language}.mp4`,
  };
}

/** The same jobs with another prompt: an edit of what is sent. */
export function withPrompt(plan: WholePlan, prompt: string): WholePlan {
  return {
    ...plan,
    jobs: plan.jobs.map((planned) => ({
      ...planned,
      choices: planned.choices.map((choice) => ({ ...choice, input: { ...choice.input, prompt } })),
    })),
  };
}
