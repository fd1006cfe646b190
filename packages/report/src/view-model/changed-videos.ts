import { type ChangedSnapshot, type JobSnapshot, type Micros, plainText, type SnapshotFrame } from '@localize/core';
import { batchCommand } from './batch-command.js';
import { RoomTally } from './budget-lines.js';
import { formatCount, formatNumber } from './format.js';
import { priceWords } from './review-words.js';
import type { Tally } from './tally.js';

/** Finished videos that the manifest asks for differently by now: a run leaves them as they are until it is told. */
export interface ChangedVideos {
  readonly all: number;
  /** Those that the command buys again. */
  readonly count: number;
  /** Those of them all that a reviewer approved. */
  readonly approved: number;
  /** What it costs, as far as it is known; `null` where nothing of it is. */
  readonly micros: Micros | null;
  /** `2 finished videos differ from the manifest (prompt)`. */
  readonly text: string;
  /** What the command comes to: `buys them again, for about $0.40`. */
  readonly offer: string;
  readonly command: string;
}

/** Whether it differs by an edit: a redo that waits is told of as such, and another file in its place is looked after first. */
export function isChanged({ changed, orphaned, redo, replaced }: JobSnapshot): boolean {
  return changed !== undefined && !orphaned && !replaced && redo?.waits !== true;
}

class Part {
  count = 0;
  #micros = 0;
  #unknown = 0;
  readonly #room: RoomTally;

  constructor(frame: SnapshotFrame) {
    this.#room = new RoomTally(frame);
  }

  add(job: JobSnapshot, { estimateMicros: micros, route }: ChangedSnapshot): void {
    this.count += 1;
    this.#room.add(job, route ?? job.route, micros);
    if (micros === null) this.#unknown += 1;
    else this.#micros += micros;
  }

  get micros(): Micros | null {
    return this.#unknown > 0 && this.#micros === 0 ? null : this.#micros;
  }

  get words(): string {
    const more = this.#unknown > 0 && this.#micros > 0 ? `, and ${this.#unknown} of them for an unknown price` : '';
    return `${priceWords(this.micros)}${more}`;
  }

  get room(): string {
    return this.#room.words();
  }
}

/** `null` where all finished videos are as the manifest asks. */
export class ChangedTally implements Tally<ChangedVideos | null> {
  readonly #frame: SnapshotFrame;
  readonly #free: Part;
  readonly #approved: Part;
  readonly #fields = new Set<string>();

  constructor(frame: SnapshotFrame) {
    this.#frame = frame;
    this.#free = new Part(frame);
    this.#approved = new Part(frame);
  }

  add(job: JobSnapshot): void {
    if (!job.changed || !isChanged(job)) return;
    // One who approves is enough to keep it, as in a run, whatever others say.
    const isKept = job.marks?.some(({ verdict }) => verdict === 'approve');
    const part = isKept ? this.#approved : this.#free;
    part.add(job, job.changed);
    for (const field of job.changed.fields) this.#fields.add(plainText(field));
  }

  result(): ChangedVideos | null {
    const approved = this.#approved.count;
    const all = this.#free.count + approved;
    if (all === 0) return null;
    // Approved ones alone: what a person would have to say to have them made again.
    const part = this.#free.count > 0 ? this.#free : this.#approved;
    const include = part === this.#approved ? ' --include-approved' : '';
    const kept =
      part === this.#approved || approved === 0 ? '' : `; ${formatNumber(approved)} approved stay as they are`;
    return {
      all,
      count: part.count,
      approved,
      micros: part.micros,
      text: `${changedWords(all)} (${[...this.#fields].join(', ')})`,
      offer: `buys ${part.count === 1 ? 'it' : 'them'} again, for ${part.words}${kept}${part.room}`,
      command: `${batchCommand(this.#frame)} --remake${include}`,
    };
  }
}

/** `prompt, seed`. */
export function changedFields({ fields }: ChangedSnapshot): string {
  return plainText(fields.join(', '));
}

/** `2 finished videos differ from the manifest`. */
export function changedWords(count: number): string {
  return `${formatCount(count, 'finished video')} ${count === 1 ? 'differs' : 'differ'} from the manifest`;
}
