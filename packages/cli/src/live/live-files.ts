import { basename, resolve } from 'node:path';
import type { JobSnapshot, Snapshot } from '@localize/core';

/** Where the page of a run that goes on finds the videos: below its own address. */
export const FILES = 'files';

/**
 * The files that a live page may fetch: the outputs and sources that its snapshot names, each under one name, and
 * nothing else. A request is looked up here and never joined to a folder, so that no path can lead out of one.
 */
export class LiveFiles {
  readonly #cwd: string;
  #byName = new Map<string, string>();

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  /** @returns the snapshot with paths that work below {@link FILES}. */
  offer(snapshot: Snapshot): Snapshot {
    const byName = new Map<string, string>();
    const nameOf = (path: string, index: number) => {
      const name = /^(\/|[a-z]:|\.\.?(\/|$))/i.test(path) ? `elsewhere/${index}/${basename(path)}` : path;
      byName.set(name, resolve(this.#cwd, path));
      return name;
    };
    const jobs = snapshot.jobs.map((job, index) => withNames(job, (path) => nameOf(path, index)));
    this.#byName = byName;
    return { ...snapshot, jobs };
  }

  /** The absolute path of what was offered under a name; `null` for anything else. */
  find(name: string): string | null {
    return this.#byName.get(name) ?? null;
  }
}

function withNames(job: JobSnapshot, nameOf: (path: string) => string): JobSnapshot {
  const isRemote = /^https?:\/\//i.test(job.source);
  return {
    ...job,
    output: job.output === null ? null : nameOf(job.output),
    ...(job.earlierVideo && {
      earlierVideo: { ...job.earlierVideo, output: nameOf(job.earlierVideo.output) },
    }),
    source: isRemote ? job.source : nameOf(job.source),
  };
}
