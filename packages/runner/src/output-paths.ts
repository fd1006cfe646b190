import { join } from 'node:path';
import type { Plan } from '@localize/core';

/** The folder that holds everything of one batch: outputs, sidecars, reports. */
export function batchFolder(plan: Pick<Plan, 'outputDir' | 'batch' | 'emulate'>): string {
  return join(plan.outputDir, plan.emulate ? `${plan.batch}.emulated` : plan.batch);
}

/** Where one job's video goes. `output` is relative, with `/`. */
export function outputPath(folder: string, output: string): string {
  return join(folder, ...output.split('/'));
}

/** Where a result is kept that is too short to count. */
export function heldPath(path: string): string {
  return path.replace(/(\.[^.]+)?$/, '.held$1');
}
