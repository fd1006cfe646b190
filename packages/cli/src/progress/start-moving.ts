import type { CommandContext, Moving } from '../definitions.js';

/** Whether lines may move where messages go: a terminal that can, with a person before it. */
export function canMove({ err, variables: { TERM, CI } }: CommandContext): boolean {
  return err.isTerminal && TERM !== 'dumb' && !CI;
}

/** @returns ends it */
export function startMoving({ hushKeys }: CommandContext, moving: Moving): () => void {
  if (hushKeys) return hushKeys(moving);
  moving.start();
  return () => moving.stop();
}
