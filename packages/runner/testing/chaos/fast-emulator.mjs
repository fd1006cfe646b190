/** The emulator in a process of its own that lives faster: `fast-emulator.mjs OPTIONS`, as JSON with a `pace`. */
import { startEmulator } from '@localize/emulator';
import { fastTime } from './fast-time.mjs';

const { pace, ...options } = JSON.parse(process.argv[2]);
const emulator = await startEmulator({ ...options, now: fastTime(pace) });
process.once('SIGTERM', () => void emulator.close());
process.stdout.write(`${JSON.stringify(emulator.info())}\n`);
