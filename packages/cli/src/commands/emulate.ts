import { once } from 'node:events';
import { resolve } from 'node:path';
import { EXIT, type ExitCode, LocalizeError } from '@localize/core';
import { type Emulator, type EmulatorOptions, startEmulator } from '@localize/emulator';
import { makeFolder } from '@localize/runner';
import { isInUse } from '../batch/emulation.js';
import type { CommandContext, SharedOptions } from '../definitions.js';

export interface EmulateOptions extends SharedOptions {
  readonly dir?: string;
  readonly hostname?: string;
  readonly port?: string;
  readonly speed?: string;
}

/** `localize emulate`: the four providers on loopback until Ctrl-C, for trying out clients and manifests. */
export async function emulate(context: CommandContext, options: EmulateOptions): Promise<ExitCode> {
  const { stop } = context.interrupts;
  const speed = readNumber(options.speed, {
    of: 'speed',
    otherwise: 1,
    takes: 'a factor above 0',
    fits: (value) => value > 0,
  });
  const emulator = await start({
    dir: resolve(context.cwd, options.dir ?? '.localize/emulator'),
    port: readNumber(options.port, { of: 'port', otherwise: 0, takes: 'a port from 0 to 65535', fits: isPort }),
    speed,
    ...(options.hostname === undefined ? {} : { host: options.hostname }),
  });
  try {
    const { url, endpoints } = emulator;
    if (options.json) context.out.write(`${JSON.stringify({ url, endpoints })}\n`);
    else context.out.write(describe(url, endpoints, speed));
    if (!stop.aborted) await once(stop, 'abort');
  } finally {
    await emulator.close();
  }
  return EXIT.ok;
}

/** The addresses as a manifest takes them. */
function describe(url: string, endpoints: Emulator['endpoints'], speed: number): string {
  const providers = Object.entries(endpoints).map(([provider, urls]) => {
    const hosts = Object.entries<string>(urls).map(([name, address]) => `    ${settingName(name)}: ${address}\n`);
    return `  ${provider}:\n${hosts.join('')}${pollLine(speed)}`;
  });
  const polls = speed > 1 ? `, which looks as much sooner as this is faster` : '';
  return `The emulator listens on ${url}; any key will do. Ctrl-C ends it. For a manifest${polls}:

providers:
${providers.join('')}`;
}

/** `baseUrl` -> `base_url` */
function settingName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** How often a provider is looked at that is not faster than usual, and no more often than this. */
const POLL_SECONDS = 15;
const LEAST_POLL_SECONDS = 0.1;

/** Left to itself a batch looks when the real providers are usually done, however fast these are. */
function pollLine(speed: number): string {
  if (speed <= 1) return '';
  const every = `${Math.max(LEAST_POLL_SECONDS, Math.round((10 * POLL_SECONDS) / speed) / 10)}s`;
  return `    poll: { first: ${every}, every: ${every} }\n`;
}

/** @throws LocalizeError OUTPUT_UNWRITABLE, USAGE when nothing can listen at that address, or another works in that folder */
async function start(options: EmulatorOptions): Promise<Emulator> {
  try {
    makeFolder(options.dir);
  } catch (error) {
    throw new LocalizeError('OUTPUT_UNWRITABLE', `the emulator’s folder cannot be made: ${messageOf(error)}`, {
      hint: 'name one with --dir',
      cause: error,
    });
  }
  try {
    return await startEmulator(options);
  } catch (error) {
    if (isInUse(error)) {
      throw new LocalizeError('USAGE', `another emulator is at work in ${options.dir}`, {
        hint: 'end it, or name another folder with --dir',
        cause: error,
      });
    }
    if ((error as NodeJS.ErrnoException).syscall !== 'listen' && !isLookup(error)) throw error;
    throw new LocalizeError('USAGE', `nothing can listen there: ${messageOf(error)}`, {
      hint: '--hostname takes an address of this machine, --port a port that is free; 0 is any',
      cause: error,
    });
  }
}

function isLookup(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).syscall === 'getaddrinfo';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 65_535;
}

function readNumber(
  text: string | undefined,
  { of, otherwise, takes, fits }: { of: string; otherwise: number; takes: string; fits: (value: number) => boolean },
): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && fits(value)) return value;
  throw new LocalizeError('USAGE', `--${of} takes ${takes}, not ${text}`);
}
