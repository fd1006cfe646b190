import { setFlagsFromString } from 'node:v8';
import type { RunEvent } from '@localize/runner';

/** So much garbage there may be, in percent of what is in use, before it is collected: where all jobs are gone through at once. */
const GARBAGE_OF_ALL = 20;
/** The same where jobs are carried out one by one, for which little is in use: to look more often takes some 3 % more CPU time. */
const GARBAGE_OF_EACH = 50;

/**
 * A run lasts for hours and has little in memory; V8 would let garbage grow to several times that before it looks, and
 * double the room of what is young up to three times 16 MB, where it is 4 MB by now. The flags are read at each
 * collection, so that they hold from the next one on: each took a fifth off a run's peak, and no CPU time that could be
 * measured. Of this process only, whose command knows that a run is all that it does. No flag about how V8 marks may be set
 * here: one that changes while it marks ends the process now and then.
 */
export function keepHeapSmall(): void {
  allowGarbage(GARBAGE_OF_ALL);
  setFlagsFromString('--semi-space-growth-factor=1');
}

/**
 * The same of a run, which leaves what its planning has taken to all that comes after: until it starts V8 looks after every
 * two megabytes, and gives back what it does not need. Reports would take half as much CPU time again by that.
 */
export function keepRunSmall(): void {
  keepHeapSmall();
  setFlagsFromString('--optimize-for-size');
}

/** {@link keepRunSmall} in a run: from its start to its end it collects less often than while it plans and reports. */
export function onRunEvent({ type }: Pick<RunEvent, 'type'>): void {
  if (type === 'run:started') {
    setFlagsFromString('--no-optimize-for-size');
    allowGarbage(GARBAGE_OF_EACH);
  }
  if (type === 'run:ended') allowGarbage(GARBAGE_OF_ALL);
}

function allowGarbage(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}
