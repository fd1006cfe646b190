import type { CommandContext, Moving, TextSink } from '../definitions.js';

/** In a lower window lines that move would push out all else, and whatever is said would scroll them. */
const LEAST_ROWS = 4;

/** Whether lines can be drawn over there. */
export function canMove({ variables: { TERM, CI } }: Pick<CommandContext, 'variables'>, sink: TextSink): boolean {
  return sink.isTerminal && TERM !== 'dumb' && !CI;
}

/** Whether there is room for lines that move, which may change with the window. */
export function hasRoom({ rows }: TextSink): boolean {
  return rows >= LEAST_ROWS;
}

/** @returns ends it */
export function startMoving({ moveInFront }: CommandContext, moving: Moving): () => void {
  if (moveInFront) return moveInFront(moving);
  moving.start();
  return () => moving.stop();
}
