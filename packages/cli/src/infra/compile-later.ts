import { setFlagsFromString } from 'node:v8';

/** Bytes of a function's bytecode that run before V8 thinks of compiling it for speed; by default some 70,000. */
const BYTECODE_RUN_BEFORE = 1_000_000;

/**
 * A run calls thousands of functions a few times for each job, and V8 compiled each of them for speed as soon as it had run
 * for a millisecond, on other threads, and again when its types had turned out otherwise: a sixth of the CPU time of 3,000
 * jobs. What a long run does most is compiled all the same, a little later. For a process whose command is a run alone.
 */
export function compileLater(): void {
  setFlagsFromString(`--interrupt-budget=${BYTECODE_RUN_BEFORE}`);
}
