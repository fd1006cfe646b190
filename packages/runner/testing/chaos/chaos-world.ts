import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { costTotals, type Snapshot } from '@localize/core';
import type { Fault, Ledger, LedgerPrediction } from '@localize/emulator';
import { probe } from '@localize/media';
import { bootClock, openStore, readSnapshot, settle, storeExists } from '../../src/index.js';

const EMULATOR = fileURLToPath(new URL('../../../emulator/dist/main.js', import.meta.url));
const CHILD = fileURLToPath(new URL('./chaos-child.mjs', import.meta.url));
const MEDIA = fileURLToPath(new URL('../../../../manifests/media/', import.meta.url));

/** For instance `--cpu-prof`, to profile the runs themselves. */
const CHILD_FLAGS = (process.env.CHAOS_CHILD_FLAGS ?? '').split(' ').filter((flag) => flag !== '');

export type Kill =
  | { readonly point: 'commit' | 'post'; readonly when: 'before' | 'after' | 'during'; readonly n: number }
  | { readonly afterMs: number };

export interface ChaosSettings {
  readonly count: number;
  readonly routes: readonly string[];
  readonly limits?: Record<string, { creates: number; perMs: number; concurrent: number }>;
  readonly onUncertain?: 'hold' | 'absent' | 'resubmit';
  readonly batch?: string;
  /** Number of the first take, so that two batches of one state ask for different videos. */
  readonly firstTake?: number;
}

export interface ChildEnd {
  readonly signal: NodeJS.Signals | null;
  readonly outcome: {
    why?: string;
    exit?: number;
    error?: string;
    stack?: string;
    stoppedMs?: number;
    lastCreateSentMs?: number;
  } | null;
  readonly stderr: string;
}

interface EmulatorInfo {
  readonly url: string;
  readonly endpoints: unknown;
  readonly bucketUrl: string;
}

/** An emulator that bills, in a process of its own, and batches that run against it in processes of their own. */
export class ChaosWorld {
  readonly #root = mkdtempSync(join(tmpdir(), 'localize-chaos-'));
  readonly #emulator: ChildProcess;
  readonly #info: EmulatorInfo;
  readonly #durations: Record<string, number>;
  #nextDir = 0;

  private constructor(emulator: ChildProcess, info: EmulatorInfo, durations: Record<string, number>) {
    this.#emulator = emulator;
    this.#info = info;
    this.#durations = durations;
  }

  static async start(options: { speed?: number; limits?: unknown; seed?: number } = {}): Promise<ChaosWorld> {
    const dir = mkdtempSync(join(tmpdir(), 'localize-chaos-emulator-'));
    const { speed = 500, limits = {}, seed = 1 } = options;
    const flags = ['--dir', dir, '--speed', String(speed), '--seed', String(seed), '--limits', JSON.stringify(limits)];
    const emulator = spawn(process.execPath, [EMULATOR, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
    const line = await new Promise<string>((resolve, reject) => {
      emulator.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
      emulator.once('exit', (code) => reject(new Error(`the emulator ended with ${code}`)));
    });
    return new ChaosWorld(emulator, JSON.parse(line), await trackDurations());
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

  async setFaults(faults: readonly Fault[]): Promise<void> {
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
    const { endpoints, bucketUrl } = this.#info;
    writeFileSync(
      file,
      JSON.stringify({
        ...settings,
        dir,
        tag: tagOf(dir),
        endpoints,
        bucketUrl,
        durations: this.#durations,
        seed,
        kill,
      }),
    );
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

  run(dir: string, settings: ChaosSettings, seed: number, kill?: Kill): Promise<ChildEnd> {
    return this.launch(dir, settings, seed, kill).end;
  }

  snapshot(dir: string, batch = 'chaos'): Snapshot {
    const store = openStore(join(dir, '.localize', 'state.db'));
    try {
      const nowMs = Date.now();
      const snapshot = readSnapshot(store, { batch, manifest: 'manifest.yaml', emulated: false, nowMs });
      if (snapshot === null) throw new Error('the batch is not in the state');
      return snapshot;
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
  async settleByLedger(dir: string, batch = 'chaos'): Promise<number> {
    const ledger = await this.ledger();
    const held = this.snapshot(dir, batch).jobs.filter((job) =>
      job.attempts.some(({ state }) => state === 'uncertain'),
    );
    const owned = new Set(
      this.snapshot(dir, batch).jobs.flatMap((job) => job.attempts.map((each) => each.predictionId)),
    );
    const store = openStore(join(dir, '.localize', 'state.db'));
    try {
      for (const job of held) {
        const position = Number(job.videoId.split('-')[1]);
        const mine = ledger.predictions.filter((each) => takeOf(dir, each.inputs) === position && !owned.has(each.id));
        const [first] = mine;
        const settlement = first
          ? { kind: 'prediction' as const, predictionId: first.id, referenceFor: await referenceFor() }
          : { kind: 'not-bought' as const };
        if (first) owned.add(first.id);
        await settle({ store, batch, clock: bootClock(store), host: 'chaos' }, job.key, settlement);
      }
    } finally {
      store.close();
    }
    return held.length;
  }

  /** The promises, checked against the emulator's books for the jobs of this batch. @returns what is broken. */
  async broken(dir: string, batch = 'chaos'): Promise<string[]> {
    const snapshot = this.snapshot(dir, batch);
    const ledger = await this.ledger();
    const faults: string[] = [];
    const attempts = snapshot.jobs.flatMap((job) => job.attempts);
    const ids = new Set(attempts.flatMap(({ predictionId }) => (predictionId ? [predictionId] : [])));
    const ours = ledger.predictions.filter((each) => ids.has(each.id));
    const cost = costTotals(snapshot.jobs);
    const theirs = ours.reduce((sum, each) => sum + each.billedMicros, 0);
    const most = cost.billedMicros + cost.inFlightMicros + cost.atRiskMicros;
    if (cost.billedMicros > theirs || theirs > most) {
      faults.push(`billed ${cost.billedMicros}, at most ${most}; the provider's books say ${theirs}`);
    }
    for (const job of snapshot.jobs) {
      const charged = job.attempts.filter(({ state }) => ['completed', 'accepted', 'lost'].includes(state));
      if (charged.length > 1) faults.push(`${job.key} was bought ${charged.length} times`);
      const paid = job.attempts.some(({ state }) => state === 'completed');
      if (paid && !['succeeded', 'held', 'downloading'].includes(job.state)) {
        faults.push(`${job.key} is paid for and ${job.state}`);
      }
    }
    if (ledger.limiterRefusals > 0) {
      faults.push(`the provider's limiter refused ${ledger.limiterRefusals} creates`);
    }
    return faults;
  }
}

/** Jobs of different folders ask for different videos, so that one test's predictions never look like another's. */
function tagOf(dir: string): string {
  return basename(dir).padStart(4, '0');
}

/** Which of a folder's jobs a prediction was made for: its prompt names the take; `null`: none of them. */
export function takeOf(dir: string, inputs: Readonly<Record<string, unknown>>): number | null {
  const match = new RegExp(`Presenter of ${tagOf(dir)}, take (\\d+)`).exec(JSON.stringify(inputs));
  return match ? Number(match[1]) : null;
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
