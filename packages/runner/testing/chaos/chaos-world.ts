import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Snapshot } from '@localize/core';
import type { CreateRecord, Fault, FaultCount, Ledger, LedgerPrediction } from '@localize/emulator';
import { probe } from '@localize/media';
import { bootClock, openStore, readSnapshot, settle, storeExists } from '../../src/index.js';
import type { BatchName, ChaosSettings, ChildEnd, FullSettings, Kill, WorldOptions } from './chaos-settings.js';
import { fastClock, type Pace } from './fast-time.mjs';
import { brokenPromises, notSettled } from './promises.js';
import { positionOf, tagOf, takeOf } from './takes.js';

const EMULATOR = fileURLToPath(new URL('../../../emulator/dist/main.js', import.meta.url));
const FAST_EMULATOR = fileURLToPath(new URL('./fast-emulator.mjs', import.meta.url));
const CHILD = fileURLToPath(new URL('./chaos-child.mjs', import.meta.url));
const MEDIA = fileURLToPath(new URL('../../../../manifests/media/', import.meta.url));

/** For instance `--cpu-prof`, to profile the runs themselves. */
const CHILD_FLAGS = (process.env.CHAOS_CHILD_FLAGS ?? '').split(' ').filter((flag) => flag !== '');

interface EmulatorInfo {
  readonly url: string;
  readonly endpoints: unknown;
  readonly bucketUrl: string;
}

function emulatorCommand(
  dir: string,
  { speed = 500, limits = {}, accounts = {}, seed = 1, pace }: WorldOptions,
): string[] {
  if (pace) return [FAST_EMULATOR, JSON.stringify({ dir, speed, limits, accounts, seed, pace })];
  const rules = ['--limits', JSON.stringify(limits), '--accounts', JSON.stringify(accounts)];
  return [EMULATOR, '--dir', dir, '--speed', `${speed}`, '--seed', `${seed}`, ...rules];
}

/** An emulator that bills, in a process of its own, and batches that run against it in processes of their own. */
export class ChaosWorld {
  readonly #root = mkdtempSync(join(tmpdir(), 'localize-chaos-'));
  readonly #emulator: ChildProcess;
  readonly #info: EmulatorInfo;
  readonly #durations: Record<string, number>;
  readonly #pace: Pace | undefined;
  readonly #hits = new Map<string, number>();
  #nextDir = 0;

  private constructor(
    emulator: ChildProcess,
    info: EmulatorInfo,
    durations: Record<string, number>,
    pace: Pace | undefined,
  ) {
    this.#pace = pace;
    this.#emulator = emulator;
    this.#info = info;
    this.#durations = durations;
  }

  /** @param options.pace lets the emulator live faster than real time, for runs that do so too. */
  static async start(options: WorldOptions = {}): Promise<ChaosWorld> {
    const dir = mkdtempSync(join(tmpdir(), 'localize-chaos-emulator-'));
    const emulator = spawn(process.execPath, emulatorCommand(dir, options), { stdio: ['ignore', 'pipe', 'inherit'] });
    const line = await new Promise<string>((resolve, reject) => {
      emulator.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
      emulator.once('exit', (code) => reject(new Error(`the emulator ended with ${code}`)));
    });
    return new ChaosWorld(emulator, JSON.parse(line), await trackDurations(), options.pace);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#emulator.once('exit', resolve));
    this.#emulator.kill('SIGTERM');
    await ended;
    rmSync(this.#root, { recursive: true, force: true });
  }

  newDir(): string {
    this.#nextDir += 1;
    const dir = join(this.#root, String(this.#nextDir));
    mkdirSync(dir, { recursive: true });
    return dir;
  }

  /** As after days: nothing that was uploaded is there any more, and the next jobs have it uploaded again. */
  expireUploads(dir: string): void {
    const store = openStore(join(dir, '.localize', 'state.db'));
    try {
      store.sqlite.exec('UPDATE assets SET expires_at = 1');
    } finally {
      store.close();
    }
  }

  /** Ends all faults. @returns how often each has hit since the world began, by its own JSON. */
  async faultHits(): Promise<ReadonlyMap<string, number>> {
    await this.setFaults([]);
    return this.#hits;
  }

  /** The emulator forgets what faults have hit when others take their place. */
  async #countHits(): Promise<void> {
    const reply = await fetch(`${this.#info.url}/_emulator/faults`);
    for (const { fault, hits } of (await reply.json()) as FaultCount[]) {
      const name = JSON.stringify(fault);
      this.#hits.set(name, (this.#hits.get(name) ?? 0) + hits);
    }
  }

  async setFaults(faults: readonly Fault[]): Promise<void> {
    await this.#countHits();
    const headers = { 'content-type': 'application/json' };
    const reply = await fetch(`${this.#info.url}/_emulator/faults`, {
      method: 'PUT',
      headers,
      body: JSON.stringify(faults),
    });
    if (!reply.ok) throw new Error(`the emulator refused the faults: ${await reply.text()}`);
  }

  /** The predictions that a folder's batch has bought, whatever its own state says. */
  async bought(dir: string): Promise<LedgerPrediction[]> {
    return (await this.ledger()).predictions.filter(({ inputs }) => takeOf(dir, inputs) !== null);
  }

  /**
   * Returns once the emulator has seen and decided whatever a dead run had sent. A real restart takes far longer than
   * bytes stay in a socket of this machine; here the next run begins at once. What was sent before is accepted and read
   * within two turns of the emulator's loop, and each of these requests takes one at least.
   */
  async hearOut(): Promise<void> {
    for (let turn = 0; turn < 3; turn += 1) await (await fetch(`${this.#info.url}/_emulator/faults`)).text();
    const isUndecided = ({ reason, answeredAt }: CreateRecord) => reason === 'undecided' && answeredAt === null;
    while ((await this.ledger()).creates.some(isUndecided)) await setTimeout(5);
  }

  async ledger(): Promise<Ledger> {
    const reply = await fetch(`${this.#info.url}/_emulator/ledger`);
    return (await reply.json()) as Ledger;
  }

  /** Starts one run as a child process. `end` resolves when it is gone. */
  launch(
    dir: string,
    settings: ChaosSettings,
    seed: number,
    kill?: Kill,
  ): { child: ChildProcess; end: Promise<ChildEnd> } {
    const file = join(dir, `settings-${seed}.json`);
    writeFileSync(file, JSON.stringify({ ...this.settingsFor(dir, settings, seed), kill }));
    const child = spawn(process.execPath, [...CHILD_FLAGS, CHILD, file], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const end = new Promise<ChildEnd>((resolve, reject) => {
      child.once('close', (_code, signal) => {
        const outcome = stdout.trim() ? JSON.parse(stdout) : null;
        if (outcome === null && signal === null) reject(new Error(`the child broke: ${stderr}`));
        else resolve({ signal, outcome, stderr });
      });
    });
    return { child, end };
  }

  /** What a chaos run is made from, wherever it runs. */
  settingsFor(dir: string, settings: ChaosSettings, seed: number): FullSettings {
    const { endpoints, bucketUrl } = this.#info;
    return {
      ...settings,
      dir,
      tag: tagOf(dir),
      endpoints,
      bucketUrl,
      durations: this.#durations,
      seed,
      pace: this.#pace,
    };
  }

  run(dir: string, settings: ChaosSettings, seed: number, kill?: Kill): Promise<ChildEnd> {
    return this.launch(dir, settings, seed, kill).end;
  }

  snapshot(dir: string, batch = 'chaos'): Snapshot {
    const snapshot = this.#read(dir, batch);
    if (snapshot === null) throw new Error('the batch is not in the state');
    return snapshot;
  }

  /** @returns `null` where a run died before it could write down what the batch is */
  #read(dir: string, batch: string): Snapshot | null {
    const store = openStore(join(dir, '.localize', 'state.db'));
    try {
      const nowMs = Date.now();
      return readSnapshot(store, { batch, manifest: 'manifest.yaml', emulated: false, nowMs });
    } finally {
      store.close();
    }
  }

  /** The same, or `null` while the first run has not got that far. */
  snapshotOrNull(dir: string, batch = 'chaos'): Snapshot | null {
    if (!storeExists(join(dir, '.localize', 'state.db'))) return null;
    try {
      return this.snapshot(dir, batch);
    } catch {
      return null;
    }
  }

  /**
   * Does what a careful user would do with held uncertain jobs: looks at the provider's own books (here the ledger) and
   * says which prediction it was, or that there is none.
   */
  async settleByLedger(dir: string, { batch = 'chaos', firstTake = 0 }: BatchName = {}): Promise<number> {
    const ledger = await this.ledger();
    const jobs = this.#read(dir, batch)?.jobs ?? [];
    const held = jobs.filter((job) => job.attempts.some(({ state }) => state === 'uncertain'));
    const owned = new Set(jobs.flatMap((job) => job.attempts.map((each) => each.predictionId)));
    const store = openStore(join(dir, '.localize', 'state.db'));
    try {
      for (const job of held) {
        const take = firstTake + positionOf(job);
        const mine = ledger.predictions.filter((each) => takeOf(dir, each.inputs) === take && !owned.has(each.id));
        // Of several lost creates the newest is settled.
        const newest = mine.at(-1);
        const settlement = newest
          ? { kind: 'prediction' as const, predictionId: newest.id, referenceFor: await referenceFor(), identify: null }
          : { kind: 'not-bought' as const };
        if (newest) owned.add(newest.id);
        await settle(
          { store, batch, clock: this.#pace ? fastClock(this.#pace) : bootClock(store), host: 'chaos' },
          job.key,
          settlement,
        );
      }
    } finally {
      store.close();
    }
    return held.length;
  }

  /** The promises, checked against the emulator's books for the jobs of one batch. @returns what is broken. */
  async broken(dir: string, { batch = 'chaos', firstTake = 0 }: BatchName = {}): Promise<string[]> {
    // In this order: what the provider does between the two looks is in flight in ours.
    const jobs = this.#read(dir, batch)?.jobs ?? [];
    return brokenPromises(jobs, await this.ledger(), { dir, firstTake });
  }

  /** Once all is settled. @returns what is not, see {@link notSettled} */
  async unsettled(dir: string, { batch = 'chaos', firstTake = 0 }: BatchName = {}): Promise<string[]> {
    const { jobs } = this.snapshot(dir, batch);
    return notSettled(jobs, await this.ledger(), { dir, firstTake });
  }
}

async function referenceFor() {
  const { catalogue, providers } = await import('@localize/providers');
  return (routeId: string, predictionId: string) => {
    const route = catalogue.routes.find((each) => each.id === routeId);
    const provider = route && providers.get(route.provider);
    if (!route || !provider) throw new Error(`no route ${routeId}`);
    return provider.referenceFor(route, predictionId);
  };
}

async function trackDurations(): Promise<Record<string, number>> {
  const names = ['de', 'fr', 'ja', 'pt-BR'].flatMap((tag) => [`audio/${tag}/welcome.mp3`, `audio/${tag}/safety.mp3`]);
  const voices = ['de', 'fr'].flatMap((tag) => [`audio/${tag}/interview-left.mp3`, `audio/${tag}/interview-right.mp3`]);
  const entries = [...names, ...voices].map(
    async (name) => [name, (await probe(join(MEDIA, name))).durationMs] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
