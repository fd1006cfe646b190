import { count, formatBytes, formatUsd, nextSlotAt, plainText } from '@localize/core';
import stringWidth from 'string-width';
import type { LanesNow } from '../batch/take-lanes.js';
import { fittedLaneLines } from '../output/fitted-lanes.js';
import type { LaneTextOptions } from '../output/lane-text.js';
import type { Paint } from '../output/paint.js';
import { bar } from './bar.js';
import { countJobs, type ProgressModel, spentMicros } from './progress-model.js';
import { timeLeftWords } from './time-left-words.js';

/** Before the bar, behind it, and the last column. */
const MARGINS = 4;
/** Before a row, and the last column. */
const INDENT = 3;

/** A moment of a run. */
export interface ProgressNow {
  /** `null`: nobody has looked at the lanes. */
  readonly lanes: LanesNow | null;
}

/** The live display: one line a lane, then the uploads and the bar. */
export function liveLines(
  model: ProgressModel,
  now: ProgressNow & { readonly paint: Paint; readonly columns: number },
): string[] {
  const { lanes, paint, columns } = now;
  const words = fittedTotals(model, now, columns - INDENT);
  const laneRows = lanes === null ? [] : fittedLaneLines(lanes.lanes, lanesAt(model, lanes), columns - INDENT);
  const rows = [...laneRows, ...uploadRows(model, columns - INDENT)];
  // What is said comes before what is drawn where there is room for one alone.
  const room = columns - MARGINS - stringWidth(words);
  const { done, jobs: of } = countJobs(model);
  return [...rows.map((row) => paint('dim', `  ${row}`)), `  ${bar({ done, of }, paint, room)}${words}`];
}

function lanesAt({ createsEnded }: ProgressModel, { nowMs, work }: LanesNow): LaneTextOptions {
  const nextSlotAtMs: LaneTextOptions['nextSlotAtMs'] = (lane) => (work ? nextSlotAt(work, lane, nowMs) : null);
  return { nowMs, atWork: true, createsEnded, nextSlotAtMs };
}

/** The same in one plain line, for a log. */
export function plainLine(model: ProgressModel, now: ProgressNow): string {
  return totals(model, now);
}

/** The display stays small, however many files go up at once. */
const UPLOADS_SHOWN = 3;

function uploadRows({ uploads }: ProgressModel, columns: number): string[] {
  const all = [...uploads.values()];
  const rows = all.slice(0, UPLOADS_SHOWN).map(({ file, bytes, totalBytes }) => {
    const share = `  ${Math.floor((100 * bytes) / totalBytes)} % of ${formatBytes(totalBytes)}`;
    const room = columns - stringWidth('uploading ') - stringWidth(share);
    return `uploading ${plainText(file, Math.max(1, Math.min(60, room)))}${share}`;
  });
  return all.length > UPLOADS_SHOWN ? [...rows, `and ${count(all.length - UPLOADS_SHOWN, 'more upload')}`] : rows;
}

/** What a total line that is too long leaves out, one after the other. How long it may still take is never left out. */
const DETAILS = [
  'spent when',
  'simulated',
  'before',
  'late',
  'running',
  'uploads',
  'words',
  'held',
  'failed',
  'money',
] as const;

type Detail = (typeof DETAILS)[number];

function fittedTotals(model: ProgressModel, now: ProgressNow, columns: number): string {
  const without = new Set<Detail>();
  let words = totals(model, now);
  for (const detail of DETAILS) {
    if (stringWidth(words) <= columns) break;
    without.add(detail);
    words = totals(model, now, without);
  }
  return words;
}

function totals(model: ProgressModel, { lanes }: ProgressNow, without: ReadonlySet<Detail> = new Set()): string {
  const { jobs, done, running, failed, held } = countJobs(model);
  const says = (detail: Detail) => !without.has(detail);
  const terse = !says('words');
  const before = model.doneBefore > 0 && says('before') ? `, ${model.doneBefore} before` : '';
  const [timeLeft = [], late = []] = model.stopping ? [['stopping']] : timeLeftWords(lanes, model, { terse });
  const parts = [
    terse ? `${done}/${jobs}` : `${done} of ${jobs} done${before}`,
    ...(running > 0 && says('running') ? [`${running} running`] : []),
    ...(model.uploads.size > 0 && says('uploads') ? [uploadWords(model, running === 0 && !terse)] : []),
    ...(failed > 0 && says('failed') ? [`${failed} failed`] : []),
    ...(held > 0 && says('held') ? [`${held} held`] : []),
    ...(says('money') ? [spentWords(model, says)] : []),
    ...timeLeft,
    ...(says('late') ? late : []),
  ];
  return parts.join(' · ');
}

/** @param isAll nothing else goes on, so that the run waits for whom they go to */
function uploadWords({ uploads }: ProgressModel, isAll: boolean): string {
  const words = count(uploads.size, 'upload');
  if (!isAll) return words;
  const hosts = [...new Set([...uploads.values()].map(({ destination }) => hostOf(destination)))];
  return `waiting for ${words} to ${hosts.map((host) => plainText(host, 60)).join(' and ')}`;
}

/** Destinations hold a bucket's address, or a provider and its host behind an `@`. */
function hostOf(destination: string): string {
  return /https?:\/\/([^/\s]+)/.exec(destination)?.[1] ?? destination.replace(/^.*@/, '');
}

/** What earlier runs have spent is not in it, while what they have done is counted. */
function spentWords(model: ProgressModel, says: (detail: Detail) => boolean): string {
  const when = model.goesOn && says('spent when') ? ' in this run' : '';
  return `$${formatUsd(spentMicros(model))}${when}${model.emulated && says('simulated') ? ' simulated' : ''}`;
}
