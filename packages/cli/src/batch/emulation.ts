import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalizeError, type Plan, type ProviderId, type ProviderSettings } from '@localize/core';
import { type Emulator, startEmulator } from '@localize/emulator';
import { diskFull, isForWantOfRoom, makeFolder, type Staging } from '@localize/runner';
import { emulatedHost } from './lane-host.js';

/** At speed 1. Asking is free and near. */
const POLL_MS = 30_000;
/** At speed 1; on a machine that has much to do nothing takes less than {@link LEAST_TIMEOUT_MS}. */
const TIMEOUT_MS = 3_600_000;
const LEAST_TIMEOUT_MS = 60_000;

export interface Emulation {
  readonly plan: Plan;
  readonly staging: Staging;
  readonly emulator: Emulator;
}

/** Starts the emulator in this process and points a plan at it. Whoever starts it closes `emulator`. */
export async function startEmulation(plan: Plan, dir: string, speed: number): Promise<Emulation> {
  const emulator = await startOnRememberedPort(dir, speed);
  return { plan: pointAt(plan, emulator, speed), staging: stagingOf(emulator, plan.batch), emulator };
}

/**
 * On the port of last time when it is free: stored references and staged URLs carry it, and a resumed batch asks for
 * them again. Where another run has it, any port will do for this once.
 */
async function startOnRememberedPort(dir: string, speed: number): Promise<Emulator> {
  makeFolder(dir);
  const file = join(dir, 'port');
  const port = rememberedPort(file);
  try {
    const emulator = await startEmulator({ dir, speed, port });
    if (port === 0) writeFileSync(file, new URL(emulator.url).port);
    return emulator;
  } catch (error) {
    if (isInUse(error)) throw inUse(dir, error);
    if (isForWantOfRoom(error, dir)) throw diskFull(dir, error);
    if (port === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return startEmulator({ dir, speed, port: 0 });
  }
}

/** One process at a time has an emulator's folder open, and each batch has a folder of its own. */
export function isInUse(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause as { code?: string } | undefined) : undefined;
  return cause?.code?.startsWith('SQLITE_BUSY') ?? false;
}

function inUse(dir: string, cause: unknown): LocalizeError {
  return new LocalizeError('BATCH_LOCKED', `another run of this batch is at work (${dir} is in use)`, {
    hint: 'wait for that run to end, or stop it',
    cause,
  });
}

function rememberedPort(file: string): number {
  try {
    const port = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
  } catch {
    return 0;
  }
}

function pointAt(plan: Plan, emulator: Emulator, speed: number): Plan {
  const pollMs = Math.ceil(POLL_MS / speed);
  const timeoutMs = Math.max(LEAST_TIMEOUT_MS, Math.ceil(TIMEOUT_MS / speed));
  const providers: Record<ProviderId, ProviderSettings> = {};
  for (const [id, settings] of Object.entries(plan.providers)) {
    const hosts = { ...settings.hosts, ...emulatedHosts(emulator, id) };
    providers[id] = { ...settings, hosts, poll: { firstMs: pollMs, everyMs: pollMs }, timeoutMs };
  }
  return { ...plan, providers };
}

function emulatedHosts(emulator: Emulator, id: ProviderId): Record<string, string> {
  const { fal, vibedream, eachlabs, wavespeed } = emulator.endpoints;
  if (id === 'fal') return { base_url: fal.baseUrl, upload_url: fal.uploadUrl, platform_url: fal.platformUrl };
  const known: Readonly<Record<string, { baseUrl: string }>> = { vibedream, eachlabs, wavespeed };
  const endpoint = known[id];
  if (endpoint === undefined) throw new Error(`the emulator does not speak ${id}`);
  return { base_url: endpoint.baseUrl };
}

/** The emulator's own bucket: in emulate mode the only "public" place. */
function stagingOf(emulator: Emulator, batch: string): Staging {
  return {
    destination: emulatedHost(batch),
    stage: async ({ path, contentId, name }) => {
      const key = `${contentId.replace(/^sha256:/, '').slice(0, 16)}/${name}`;
      return { url: await emulator.putFile(path, key), keptMs: null };
    },
  };
}
