import { parseArgs } from 'node:util';
import { startEmulator } from './emulator.js';
import { type EmulatorOptions, emulatorSettingsSchema } from './options.js';

const USAGE = `usage: node main.js --dir DIR [--host HOST] [--port N] [--speed N] [--seed N]
       [--limits JSON] [--faults JSON] [--accounts JSON] [--charge-failed JSON]
       [--wavespeed-hides-inputs] [--wavespeed-minimum-seconds N] [--stop-with-stdin]
Prints one line of JSON with its URLs when it listens; stops on SIGTERM and SIGINT, and with --stop-with-stdin when its
standard input ends, so that it can't outlive the process that started it.`;

interface Command {
  options: EmulatorOptions;
  stopsWithStdin: boolean;
}

/** Reads the command line; throws an error that says what is wrong with it. */
function readCommand(args: string[]): Command {
  const { values } = parseArgs({
    args,
    options: {
      dir: { type: 'string' },
      host: { type: 'string' },
      port: { type: 'string' },
      speed: { type: 'string' },
      seed: { type: 'string' },
      limits: { type: 'string' },
      faults: { type: 'string' },
      accounts: { type: 'string' },
      'charge-failed': { type: 'string' },
      'wavespeed-hides-inputs': { type: 'boolean' },
      'wavespeed-minimum-seconds': { type: 'string' },
      'stop-with-stdin': { type: 'boolean' },
    },
  });
  if (values.dir === undefined) throw new Error('--dir is needed');
  const settings = {
    host: values.host,
    port: toNumber(values.port),
    speed: toNumber(values.speed),
    seed: toNumber(values.seed),
    limits: toJson('--limits', values.limits),
    faults: toJson('--faults', values.faults),
    accounts: toJson('--accounts', values.accounts),
    chargeFailed: toJson('--charge-failed', values['charge-failed']),
    wavespeedEchoesInputs: values['wavespeed-hides-inputs'] ? false : undefined,
    wavespeedMinimumSeconds: toNumber(values['wavespeed-minimum-seconds']),
  };
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  return {
    options: { ...(emulatorSettingsSchema.parse(given) as Omit<EmulatorOptions, 'dir'>), dir: values.dir },
    stopsWithStdin: values['stop-with-stdin'] ?? false,
  };
}

function toNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function toJson(flag: string, text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${flag} is not JSON: ${(error as Error).message}`);
  }
}

async function main(): Promise<void> {
  let command: Command;
  try {
    command = readCommand(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}\n`);
    process.exitCode = 2;
    return;
  }
  const emulator = await startEmulator(command.options);
  // Nothing keeps the process alive once the emulator is closed.
  const stop = () => {
    process.stdin.destroy();
    void emulator.close();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
  if (command.stopsWithStdin) process.stdin.once('end', stop).resume();
  process.stdout.write(`${JSON.stringify(emulator.info())}\n`);
}

await main();
