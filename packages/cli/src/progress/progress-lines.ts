import { count, formatUsd, plainText } from '@localize/core';
import { formatBytes } from '../output/format-bytes.js';
import { formatDuration } from '../output/format-duration.js';
import type { Paint } from '../output/paint.js';
import { tableLines } from '../output/table.js';
import { countJobs, type LaneProgress, type ProgressModel, remainingMs, spentMicros } from './progress-model.js';

const BAR_CELLS = 24;

/** The live display: one line a lane, then the bar. */
export function liveLines(model: ProgressModel, nowMs: number, paint: Paint): string[] {
  const lanes = [...model.lanes.values()].sort((a, b) => (a.lane < b.lane ? -1 : 1));
  const rows = [...tableLines(lanes.map((lane) => laneCells(lane, nowMs))), ...uploadRows(model)];
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

function laneCells(lane: LaneProgress, nowMs: number): string[] {
  return [lane.provider, lane.lane, `${lane.open.size} of ${lane.concurrent} open`, laneWords(lane, nowMs)];
}

function laneWords(lane: LaneProgress, nowMs: number): string {
  if (lane.closed !== null) return `closed: ${lane.closed}`;
  if (lane.pausedUntilMs !== null && lane.pausedUntilMs > nowMs) {
    return `paused for ${formatDuration(lane.pausedUntilMs - nowMs)}`;
  }
  const inWindow = lane.sentAtMs.filter((at) => at > nowMs - lane.perMs);
  const left = Math.max(0, lane.creates - inWindow.length);
  const oldest = inWindow[0];
  if (left > 0 || oldest === undefined) return `${left} creates left in ${formatDuration(lane.perMs)}`;
  return `next create in ${formatDuration(oldest + lane.perMs - nowMs)}`;
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
