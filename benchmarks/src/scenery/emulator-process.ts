import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EMULATOR } from '../paths.js';

/** Limits of one provider at the emulator; `null` is none. */
export interface EmulatedLimits {
  readonly creates: number | null;
  readonly perMs?: number;
  readonly concurrent: number | null;
}

/** The part of the emulator's ledger that measurements read. Times are epoch milliseconds. */
export interface Ledger {
  readonly creates: readonly {
    readonly provider: string;
    readonly arrivedAt: number;
    readonly answeredAt: number | null;
    readonly status: number | null;
    readonly reason: string;
    readonly predictionId: string | null;
  }[];
  readonly predictions: readonly {
    readonly id: string;
    readonly provider: string;
    readonly account: string;
    readonly createdAt: number;
    readonly finishesAt: number;
    readonly charged: boolean;
  }[];
}

interface Endpoint {
  readonly baseUrl: string;
  readonly uploadUrl?: string;
  readonly platformUrl?: string;
}

/** The emulator as a process of its own, which everything in one comparison talks to. */
export class EmulatorProcess {
  readonly #child: ChildProcess;
  readonly endpoints: Readonly<Record<string, Endpoint>>;
  readonly #url: string;
  readonly #bucketUrl: string;

  private constructor(
    child: ChildProcess,
    info: { url: string; bucketUrl: string; endpoints: Record<string, Endpoint> },
  ) {
    this.#child = child;
    this.#url = info.url;
    this.#bucketUrl = info.bucketUrl;
    this.endpoints = info.endpoints;
  }

  /** Eachlabs without limits, for what is not about them. @param folder gets a folder of the emulator's own */
  static startUnlimited(folder: string, speed: number): Promise<EmulatorProcess> {
    const limits = { eachlabs: { creates: null, concurrent: null } };
    return EmulatorProcess.start({ dir: join(folder, 'emulator'), speed, limits });
  }

  static async start(options: {
    dir: string;
    /** So many times faster than the real providers. */
    speed: number;
    limits: Readonly<Record<string, EmulatedLimits>>;
    /** As the emulator's `--faults` takes them. */
    faults?: readonly object[];
    /** Of what it draws. */
    seed?: number;
  }): Promise<EmulatorProcess> {
    const { dir, speed, limits, faults = [], seed = 1 } = options;
    const json = ['--limits', JSON.stringify(limits), '--faults', JSON.stringify(faults)];
    const flags = ['--dir', dir, '--speed', String(speed), '--seed', String(seed), ...json, '--stop-with-stdin'];
    const child = spawn(process.execPath, [EMULATOR, ...flags], { stdio: ['pipe', 'pipe', 'inherit'] });
    const line = await new Promise<string>((resolve, reject) => {
      child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString()));
      child.once('exit', (code) => reject(new Error(`the emulator ended with ${code}`)));
    });
    return new EmulatorProcess(child, JSON.parse(line));
  }

  /** Its public bucket as a manifest's staging names it. */
  get bucket(): { readonly bucket: string; readonly endpoint: string; readonly region: string } {
    return { bucket: 'bucket', endpoint: this.#url, region: 'local' };
  }

  /** Puts a file into the emulator's public bucket. @returns its URL */
  async putFile(path: string, key: string): Promise<string> {
    const url = `${this.#bucketUrl}/${key}`;
    const reply = await fetch(url, { method: 'PUT', body: readFileSync(path) });
    if (!reply.ok) throw new Error(`the emulator refused ${key}: ${reply.status}`);
    return url;
  }

  async ledger(): Promise<Ledger> {
    const reply = await fetch(`${this.#url}/_emulator/ledger`);
    return (await reply.json()) as Ledger;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin?.end();
    await ended;
  }
}
