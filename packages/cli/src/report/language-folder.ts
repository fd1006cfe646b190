import { constants, copyFileSync, existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { JobSnapshot, Snapshot } from '@localize/core';
import { forReviewer, isReportPage, readPageSnapshot, renderHtml } from '@localize/report';
import { makeFolder } from '@localize/runner';
import { unwritableReport } from '../batch/write-documents.js';
import { writeReportFile } from '../batch/write-reports.js';
import { foreignFile, keepForeign } from '../output/keep-foreign.js';

/** What a folder of these jobs is called: `de`, `pt-BR+pt-PT`. */
export function languagesName({ jobs }: Snapshot): string {
  return [...new Set(jobs.map((job) => job.language))].join('+');
}

interface Place {
  readonly cwd: string;
  /** The folder may be the user's: nothing in it is written over but what such a page there names. */
  readonly keepsForeign: boolean;
}

/**
 * Writes a folder that a native speaker can open without any tool: the page of its language or languages, with the videos and
 * their sources copied beside it. @returns the page.
 * @throws LocalizeError FILE_EXISTS
 */
export function writeLanguageFolder(snapshot: Snapshot, folder: string, { cwd, keepsForeign }: Place): string {
  const copies = new Copies(cwd);
  const jobs = snapshot.jobs.map((job) => withCopies(job, copies));
  const page = join(folder, 'index.html');
  if (keepsForeign) refuseForeign(page, copies, cwd);
  copies.writeTo(folder);
  writeReportFile(page, renderHtml(forReviewer({ ...snapshot, jobs }), { audience: 'reviewer' }));
  return page;
}

function refuseForeign(page: string, copies: Copies, cwd: string): void {
  keepForeign(page, { what: 'page', isOwn: isReportPage, cwd });
  const former = existsSync(page) ? readPageSnapshot(readFileSync(page, 'utf8')) : null;
  const own = new Set(
    former?.jobs.flatMap(({ output, source, earlierVideo }) => [output, source, earlierVideo?.output]),
  );
  for (const name of copies.names) {
    const path = join(dirname(page), name);
    if (!own.has(name) && existsSync(path)) throw foreignFile(path, { what: 'copy for such a page', cwd });
  }
}

function withCopies(job: JobSnapshot, copies: Copies): JobSnapshot {
  const { earlierVideo, ...rest } = job;
  // One that is held is nobody's to judge before it is made anew, and a file that somebody put there is not ours to show.
  const isMade = job.state === 'succeeded' && !job.replaced && job.outputSha256 !== null && job.output !== null;
  const earlier = earlierVideo ? copies.add('videos', earlierVideo.output) : null;
  return {
    ...rest,
    output: isMade ? copies.add('videos', job.output) : null,
    ...(earlierVideo && earlier && { earlierVideo: { ...earlierVideo, output: earlier } }),
    source: copies.add('sources', job.source) ?? job.source,
  };
}

/** Files that are to be copied into a folder, each once and none over another. */
class Copies {
  readonly #cwd: string;
  readonly #byOrigin = new Map<string, string>();
  readonly #taken = new Set<string>();

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  /** What they are called inside the folder. */
  get names(): Iterable<string> {
    return this.#byOrigin.values();
  }

  /** @returns the copy's path inside the folder, or `null` when there is no such file. */
  add(kind: string, shownPath: string): string | null {
    const origin = resolve(this.#cwd, shownPath);
    const known = this.#byOrigin.get(origin);
    if (known !== undefined) return known;
    if (/^https?:\/\//i.test(shownPath) || !existsSync(origin)) return null;
    const name = this.#freeName(kind, basename(origin));
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

  writeTo(folder: string): void {
    for (const [origin, name] of this.#byOrigin) copyInto(origin, join(folder, name));
  }
}

function copyInto(origin: string, target: string): void {
  try {
    makeFolder(dirname(target));
    copyFileSync(origin, target, constants.COPYFILE_FICLONE);
  } catch (error) {
    throw unwritableReport(target, error);
  }
}
