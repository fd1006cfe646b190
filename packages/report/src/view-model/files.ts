import type { JobSnapshot } from '@localize/core';

/** The deepest folder that holds every output; `null` when no job has one. Absolute and relative outputs don't mix. */
export function outputFolder(jobs: readonly JobSnapshot[]): string | null {
  let common: string[] | null = null;
  for (const job of jobs) {
    if (job.output === null) continue;
    const folder = job.output.split(/[\\/]/).slice(0, -1);
    common = common === null ? folder : sharedStart(common, folder);
  }
  if (common === null) return null;
  const text = common.join('/');
  return text === '' ? '.' : text;
}

function sharedStart(a: readonly string[], b: readonly string[]): string[] {
  const end = a.findIndex((part, index) => part !== b[index]);
  return end === -1 ? [...a] : a.slice(0, end);
}
