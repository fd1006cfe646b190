import type { Paint } from '../output/paint.js';

const CELLS = 24;
const LEAST_CELLS = 8;

/** A bar of as many cells as there is room for, and a space behind it; nothing where it would say nothing. */
export function bar({ done, of }: { done: number; of: number }, paint: Paint, room: number): string {
  const cells = Math.min(CELLS, room);
  if (cells < LEAST_CELLS) return '';
  const filled = of === 0 ? cells : Math.floor((done / of) * cells);
  return `${paint('green', '█'.repeat(filled))}${paint('dim', '░'.repeat(cells - filled))} `;
}
