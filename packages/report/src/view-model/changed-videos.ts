import { type ChangedSnapshot, type JobSnapshot, type Micros, plainText } from '@localize/core';
import { formatCount } from './format.js';

/** Finished videos that the manifest asks for differently by now: a run leaves them as they are until it is told. */
export interface ChangedVideos {
  readonly all: number;
  /** Those of them that the command buys again. */
  readonly count: number;
  /** Those of them all that a reviewer approved. */
  readonly approved: number;
  /** What those cost, as far as it is known; `null` where nothing of it is. */
  readonly micros: Micros | null;
  /** Videos that reviewers want made again, which the command buys as well. */
  readonly redos: number;
  /** What the command costs with them. */
  readonly commandMicros: Micros | null;
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

/** `prompt, seed`. */
export function changedFields({ fields }: ChangedSnapshot): string {
  return plainText(fields.join(', '));
}

/** `2 finished videos differ from the manifest`. */
export function changedWords(count: number): string {
  return `${formatCount(count, 'finished video')} ${count === 1 ? 'differs' : 'differ'} from the manifest`;
}
