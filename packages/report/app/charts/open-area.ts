import { area, curveStepAfter } from 'd3-shape';
import type { OpenStep } from '../../src/view-model/index.js';

/** More steps than this can't be told apart on any screen. */
const MOST_POINTS = 1200;

/** The slots of a lane that were taken, over time, as one path in a box of the given size. */
export function openArea(
  steps: readonly OpenStep[],
  { fromMs, toMs, most, width, height }: { fromMs: number; toMs: number; most: number; width: number; height: number },
): string {
  const x = (atMs: number) => Math.min(1, Math.max(0, (atMs - fromMs) / (toMs - fromMs))) * width;
  const y = (open: number) => (1 - open / Math.max(1, most)) * height;
  const shape = area<OpenStep>()
    .curve(curveStepAfter)
    .x(({ atMs }) => x(atMs))
    .y0(height)
    .y1(({ open }) => y(open))
    .digits(1);
  return shape(fewer(steps, fromMs, toMs)) ?? '';
}

/** The fullest moment of each bin stands for it. */
function fewer(steps: readonly OpenStep[], fromMs: number, toMs: number): OpenStep[] {
  if (steps.length <= MOST_POINTS) return [...steps];
  const bins = new Map<number, OpenStep>();
  for (const step of steps) {
    const bin = Math.floor(((step.atMs - fromMs) / Math.max(1, toMs - fromMs)) * MOST_POINTS);
    const known = bins.get(bin);
    if (known === undefined || step.open > known.open) bins.set(bin, step);
  }
  const last = steps.at(-1);
  return [...bins.values(), ...(last ? [last] : [])];
}
