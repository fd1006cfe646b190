import { dirname, join, relative } from 'node:path';
import { ORIGINALS_FOLDER, type Plan } from '@localize/core';
import type { FinishedOutput } from '../store/schema/stored-types.js';

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

/** Where the provider's video of one job is kept when its output has another sound. */
export function originalPath(folder: string, output: string): string {
  return outputPath(join(folder, ORIGINALS_FOLDER), output);
}

/** The kept video of an output; `null` where none is kept. */
export function keptPath({ path, finish }: FinishedOutput): string | null {
  return finish?.kept ? join(dirname(path), ...finish.kept.split('/')) : null;
}

/** How an output names its kept video: both may be moved together, to another machine too. */
export function keptName(outputPath: string, kept: string): string {
  return relative(dirname(outputPath), kept).replaceAll('\\', '/');
}
