import { constants, copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { JobSnapshot, Snapshot } from '@localize/core';
import { forReviewer, renderHtml } from '@localize/report';
import { unwritableReport, writeReportFile } from '../batch/write-reports.js';

/** What a folder of these jobs is called: `de`, `pt-BR+pt-PT`. */
export function languagesName({ jobs }: Snapshot): string {
  return [...new Set(jobs.map((job) => job.language))].join('+');
}

/**
 * Writes a folder that a native speaker can open without any tool: the page of its language or languages, with the videos and
 * their sources copied beside it. @returns the page.
 */
export function writeLanguageFolder(snapshot: Snapshot, folder: string, cwd: string): string {
  const copies = new Copies(folder, cwd);
  const jobs = snapshot.jobs.map((job) => withCopies(job, copies));
  const page = join(folder, 'index.html');
  writeReportFile(page, renderHtml(forReviewer({ ...snapshot, jobs }), { audience: 'reviewer' }));
  return page;
}

function withCopies(job: JobSnapshot, copies: Copies): JobSnapshot {
  const isMade = job.outputSha256 !== null && job.output !== null;
  return {
    ...job,
    output: isMade ? copies.add('videos', job.output) : null,
    source: copies.add('sources', job.source) ?? job.source,
  };
}

/** Files that were copied into a folder, each once and none over another. */
class Copies {
  readonly #folder: string;
  readonly #cwd: string;
  readonly #byOrigin = new Map<string, string>();
  readonly #taken = new Set<string>();

  constructor(folder: string, cwd: string) {
    this.#folder = folder;
    this.#cwd = cwd;
  }

  /** @returns the copy's path inside the folder, or `null` when there is no such file. */
  add(kind: string, shownPath: string): string | null {
    const origin = resolve(this.#cwd, shownPath);
    const known = this.#byOrigin.get(origin);
    if (known !== undefined) return known;
    if (/^https?:\/\//i.test(shownPath) || !existsSync(origin)) return null;
    const name = this.#freeName(kind, basename(origin));
    this.#copy(origin, join(this.#folder, name));
    this.#byOrigin.set(origin, name);
    return name;
  }

  #freeName(kind: string, base: string): string {
    let name = `${kind}/${base}`;
    // Some file systems do not tell cases apart.
    for (let count = 2; this.#taken.has(name.toLowerCase()); count += 1) name = `${kind}/${count}-${base}`;
    this.#taken.add(name.toLowerCase());
    return name;
  }

  #copy(origin: string, target: string): void {
    try {
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(origin, target, constants.COPYFILE_FICLONE);
    } catch (error) {
      throw unwritableReport(target, error);
    }
  }
}
