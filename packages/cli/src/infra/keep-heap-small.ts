import { setFlagsFromString } from 'node:v8';

/** Garbage may make up so much of what is in use before it is collected. */
const GARBAGE_PERCENT = 50;

/**
 * A run lasts for hours and has little in memory; V8 would let garbage grow to several times that before it looks, and
 * double the room of what is young up to three times 16 MB, where it is 4 MB by now. The flags are read at each
 * collection, so that they hold from the next one on: each took a fifth off a run's peak, and no CPU time that could be
 * measured. Of this process only, whose command knows that a run is all that it does. No flag about marking may be set
 * here: one that changes while V8 marks ends the process now and then.
 */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GARBAGE_PERCENT}`);
  setFlagsFromString('--semi-space-growth-factor=1');
}
