import { once } from 'node:events';
import { resolve } from 'node:path';
import { EXIT, type ExitCode, LocalizeError } from '@localize/core';
import { type Emulator, startEmulator } from '@localize/emulator';
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
  const emulator = await startEmulator({
    dir: resolve(context.cwd, options.dir ?? '.localize/emulator'),
    port: numberOption('--port', options.port, 0),
    speed: numberOption('--speed', options.speed, 1),
    ...(options.hostname === undefined ? {} : { host: options.hostname }),
  });
  try {
    const { url, endpoints } = emulator;
    if (options.json) context.out.write(`${JSON.stringify({ url, endpoints })}\n`);
    else context.out.write(describe(url, endpoints));
    if (!stop.aborted) await once(stop, 'abort');
  } finally {
    await emulator.close();
  }
  return EXIT.ok;
}

function describe(url: string, endpoints: Emulator['endpoints']): string {
  const lines = Object.entries(endpoints).flatMap(([provider, urls]) =>
    Object.entries<string>(urls).map(([name, address]) => `  ${provider.padEnd(10)} ${name.padEnd(12)} ${address}`),
  );
  return `The emulator listens on ${url}; any key will do. Ctrl-C ends it.\n${lines.join('\n')}\n`;
}

function numberOption(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0 && text.trim() !== '') return value;
  throw new LocalizeError('USAGE', `${name} takes a number, not ${text}`);
}
