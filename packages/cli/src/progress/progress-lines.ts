import { count, formatUsd, plainText } from '@localize/core';
import type { LanesNow } from '../batch/take-lanes.js';
import { formatBytes } from '../output/format-bytes.js';
import { formatDuration } from '../output/format-duration.js';
import { laneLines } from '../output/lane-text.js';
import type { Paint } from '../output/paint.js';
import { countJobs, type ProgressModel, remainingMs, spentMicros } from './progress-model.js';

const BAR_CELLS = 24;

/** The live display: one line a lane, then the uploads and the bar. */
export function liveLines(
  model: ProgressModel,
  now: { readonly nowMs: number; readonly lanes: LanesNow | null; readonly paint: Paint },
): string[] {
  const { nowMs, lanes, paint } = now;
  const laneRows = lanes === null ? [] : laneLines(lanes.lanes, { nowMs: lanes.nowMs, atWork: true });
  const rows = [...laneRows, ...uploadRows(model)];
  return [...rows.map((row) => paint('dim', `  ${row}`)), `  ${bar(model, paint)} ${totals(model, nowMs)}`];
}

/** The same in one plain line, for a log. */
export function plainLine(model: ProgressModel, nowMs: number): string {
  return totals(model, nowMs);
}

/** The display stays small, however many files go up at once. */
const UPLOADS_SHOWN = 3;

function uploadRows({ uploads }: ProgressModel): string[] {
  const all = [...uploads.values()];
  const rows = all.slice(0, UPLOADS_SHOWN).map(({ file, bytes, totalBytes }) => {
    return `uploading ${plainText(file, 60)}  ${Math.floor((100 * bytes) / totalBytes)} % of ${formatBytes(totalBytes)}`;
  });
  return all.length > UPLOADS_SHOWN ? [...rows, `and ${all.length - UPLOADS_SHOWN} more uploads`] : rows;
}

function bar(model: ProgressModel, paint: Paint): string {
  const { jobs, done } = countJobs(model);
  const filled = jobs === 0 ? BAR_CELLS : Math.floor((done / jobs) * BAR_CELLS);
  return paint('green', '█'.repeat(filled)) + paint('dim', '░'.repeat(BAR_CELLS - filled));
}

function totals(model: ProgressModel, nowMs: number): string {
  const { jobs, done, running, failed, held } = countJobs(model);
  const left = remainingMs(model, nowMs);
  const parts = [
    `${done} of ${jobs} done`,
    ...(running > 0 ? [`${running} running`] : []),
    ...(model.uploads.size > 0 ? [count(model.uploads.size, 'upload')] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(held > 0 ? [`${held} held`] : []),
    `$${formatUsd(spentMicros(model))}${model.emulated ? ' simulated' : ''}`,
    ...(model.stopping ? ['stopping'] : left !== null && left > 0 ? [`about ${formatDuration(left)} left`] : []),
  ];
  return parts.join(' · ');
}
