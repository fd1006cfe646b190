import { join, resolve } from 'node:path';
import { EXIT, type ExitCode, LocalizeError, plainText, type Snapshot } from '@localize/core';
import { isReportPage, renderComparison } from '@localize/report';
import { changedJobs, editedOutputs, ifReadable, openStore, storeExists, systemClock } from '@localize/runner';
import { isFolder } from '../batch/at-path.js';
import type { LoadedBatch } from '../batch/load-batch.js';
import { readRenamed } from '../batch/renamed-batch.js';
import { readState, type SnapshotSource, withState } from '../batch/take-snapshot.js';
import { latestPage, renderPage, reportFolder, writeReportFile, writeReports } from '../batch/write-reports.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { keepHeapSmall } from '../infra/keep-heap-small.js';
import { displayPath } from '../output/display-path.js';
import { beginsLike, keepForeign } from '../output/keep-foreign.js';
import { type ComparedSide, comparedSide } from '../report/compared-snapshot.js';
import { languagesName, writeLanguageFolder } from '../report/language-folder.js';
import { openPage } from '../report/open-page.js';
import { type ReportFormat, readFormat, renderText } from '../report/report-formats.js';
import { selectJobs, selectsAll } from '../select/select-jobs.js';
import { selectableJobs } from '../select/selectable-job.js';
import { selectedAs } from '../select/selection-flags.js';
import { openBatch } from './open-batch.js';

export interface ReportOptions extends SharedOptions {
  readonly format?: string;
  readonly output?: string;
  readonly open?: boolean;
  /** What this batch is set beside; of two, the first is set beside the second. */
  readonly compare?: readonly string[];
}

interface Source {
  readonly batch: LoadedBatch;
  readonly snapshot: Snapshot;
  /** It is how this run left the batch, and the videos may be newer; `null`: it is as the batch stands now. */
  readonly run: string | null;
  readonly comparedWith: Snapshot | undefined;
  readonly cwd: string;
}

/** `localize report`: writes the reports anew from the state, without a run; or one document, one language, a comparison. */
export async function report(
  context: CommandContext,
  manifest: string | undefined,
  options: ReportOptions,
): Promise<ExitCode> {
  const format = options.format === undefined ? null : readFormat(options.format);
  refuseMixtures(options, format);
  const { cwd } = context;
  keepHeapSmall();
  const batch = await openBatch(context, manifest, { ...options, keepGoing: true, knownPlans: true });
  const nowMs = systemClock().nowMs();
  const stateOf = async (of: LoadedBatch) => ({
    ...{ batch: of, cwd, nowMs },
    ...(await lookNow(of)),
    renamed: await readRenamed(of, nowMs),
  });
  const state = await stateOf(batch);
  if (isWholeReport(options)) {
    await showPage(context, writeWhole(state), options);
    return EXIT.ok;
  }
  const all = readState(batch.location.path, state);
  const matches = selectJobs(() => selectableJobs(batch.plan, all), options);
  const jobs = all.jobs.filter((job) => matches(job.key));
  const warnings = warningsOf(all, batch.warnings, matches);
  const now = { snapshot: { ...all, ...selectedAs(options), jobs, warnings }, run: null };
  const tell = async (path: string) => {
    const other = await openBatch(context, path, { ...options, keepGoing: true, knownPlans: true });
    return { batch: other, snapshot: readState(other.location.path, await stateOf(other)) };
  };
  const comparing = { batch, cwd, tell, note: (line: string) => context.err.write(`${line}\n`) };
  const sides: ComparedSide[] = [];
  for (const named of options.compare ?? []) sides.push(await comparedSide(named, all, comparing));
  const [before, after = now] = sides;
  const source = { ...after, batch, comparedWith: before?.snapshot, cwd };
  if (format !== null && format !== 'html') writeText(context, source, format, options.output);
  else {
    const page = writePage(source, options);
    if (options.lang !== undefined) warnOfLeftOut(context, source.snapshot);
    await showPage(context, page, options);
  }
  return EXIT.ok;
}

/** Without those that are of other jobs alone. One that counts jobs does not say which they are. */
function warningsOf(
  { warnings }: Snapshot,
  found: LoadedBatch['warnings'],
  matches: (key: string) => boolean,
): readonly string[] {
  const isMeant = ({ job }: (typeof found)[number]) => job === undefined || matches(job);
  const meant = new Set(found.filter(isMeant).map(({ message }) => message));
  const others = new Set(found.map(({ message }) => message).filter((message) => !meant.has(message)));
  return warnings.filter((warning) => !others.has(warning));
}

/** Who sends the folder away should know what is not in it. */
function warnOfLeftOut({ err }: CommandContext, { jobs }: Snapshot): void {
  for (const { key, replaced, missing, earlierOffDisk, reason, mend } of jobs) {
    const way = mend === null ? '' : `; ${mend}`;
    if (replaced || missing || earlierOffDisk) err.write(`${plainText(key)} is left out: ${reason}${way}\n`);
  }
}

/** All documents of all jobs, in their usual place. */
function isWholeReport({ format, output, compare, ...options }: ReportOptions): boolean {
  return selectsAll(options) && [format, output, compare].every((option) => option === undefined);
}

/**
 * What differs from the manifest, and what lies in the place of finished videos. `null` where there is no state, or a file
 * that it would have to read is gone: then the last run's word counts.
 */
async function lookNow({ location, plan }: LoadedBatch): Promise<Pick<SnapshotSource, 'changed' | 'edited'>> {
  if (!storeExists(location.path)) return {};
  const store = openStore(location.path, { readonly: true });
  try {
    return {
      changed: await ifReadable(changedJobs(store, plan)),
      edited: await editedOutputs(store, plan.batch),
    };
  } finally {
    store.close();
  }
}

/** Without all jobs in memory. @returns the page's path */
function writeWhole(state: SnapshotSource): string {
  const { batch, cwd } = state;
  withState(batch.location.path, state, (snapshot) => writeReports(batch.plan, snapshot, cwd));
  return latestPage(batch.plan);
}

/** @throws LocalizeError USAGE */
function refuseMixtures({ lang, ...options }: ReportOptions, format: ReportFormat | null): void {
  const { output, compare, open } = options;
  if (!selectsAll(options) && format === null && output === undefined) {
    throw new LocalizeError('USAGE', 'a report of some jobs needs --format or --output', {
      hint: 'the batch’s own report always shows all of it',
    });
  }
  const isPage = format === null || format === 'html';
  if (compare !== undefined && !isPage && format !== 'markdown') {
    throw new LocalizeError('USAGE', `--compare makes html or markdown, not ${format}`);
  }
  if (compare !== undefined && compare.length > 2) {
    throw new LocalizeError('USAGE', `--compare sets two side by side, not ${compare.length}`);
  }
  if (compare !== undefined && lang !== undefined) {
    throw new LocalizeError('USAGE', '--compare and --lang exclude each other');
  }
  if (isPage && output === '-') {
    throw new LocalizeError('USAGE', 'a page is not written to the terminal: --output - needs another --format', {
      hint: 'name a file, or choose csv, json, markdown or summary',
    });
  }
  if (open && !isPage) throw new LocalizeError('USAGE', `--open shows the page, and --format ${format} makes none`);
}

function writeText(
  context: CommandContext,
  { snapshot, comparedWith, cwd }: Source,
  format: Exclude<ReportFormat, 'html'>,
  output = '-',
): void {
  const text = comparedWith ? renderComparison(comparedWith, snapshot) : renderText(format, snapshot);
  if (output === '-') return void context.out.write(text);
  refuseFolder(output, cwd);
  const path = resolve(cwd, output);
  const isOwn = format === 'json' ? (head: string) => head.includes('"format": "localize-report"') : beginsLike(text);
  keepForeign(path, { what: `report as ${format}`, isOwn, cwd });
  writeReportFile(path, text);
}

/** @throws LocalizeError USAGE */
function refuseFolder(output: string, cwd: string): void {
  if (!isFolder(resolve(cwd, output))) return;
  throw new LocalizeError('USAGE', `--output ${output} is a folder`, { hint: 'name a file in it' });
}

/** @returns the page's path. */
function writePage(source: Source, options: ReportOptions): string {
  const { batch, snapshot, run, comparedWith, cwd } = source;
  const { plan } = batch;
  const output = options.output === undefined ? null : resolve(cwd, options.output);
  const folder = reportFolder(plan);
  if (options.lang !== undefined) {
    const place = output ?? join(folder, 'languages', languagesName(snapshot));
    return writeLanguageFolder(snapshot, place, { cwd, keepsForeign: output !== null });
  }
  if (options.output !== undefined) refuseFolder(options.output, cwd);
  const page = output ?? join(folder, comparedWith ? 'comparison.html' : 'index.html');
  const html = renderPage(snapshot, page, { plan, cwd, comparedWith, ownRun: run });
  if (output !== null) keepForeign(page, { what: 'page', isOwn: isReportPage, cwd });
  writeReportFile(page, html);
  return page;
}

async function showPage(context: CommandContext, page: string, { open, json }: ReportOptions): Promise<void> {
  const shown = displayPath(page, context.cwd);
  context.out.write(`${json ? JSON.stringify({ page: shown }) : shown}\n`);
  if (open && !(await openPage(page))) context.err.write('there is nothing here that opens pages; open it by hand\n');
}
