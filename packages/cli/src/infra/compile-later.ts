import { setFlagsFromString } from 'node:v8';

/** Bytes of a function's bytecode that run before V8 thinks of compiling it for speed; by default some 70,000. */
const BYTECODE_RUN_BEFORE = 300_000;

/**
 * A run calls thousands of functions a few times for each job, and V8 compiled each of them for speed as soon as it had run
 * for a millisecond, on other threads, and again when its types had turned out otherwise: a sixth of the CPU time of 3,000
 * jobs. What a run does for every job is compiled all the same, some hundred jobs later. Three times as much would leave
 * half a batch of 5,000 in slower code. For a process whose command is a run alone.
 * Later versions of V8 count otherwise, and complain on stderr of a flag that they do not know.
 */
export function compileLater(): void {
  if (process.versions.v8.startsWith('11.3.')) setFlagsFromString(`--interrupt-budget=${BYTECODE_RUN_BEFORE}`);
}
