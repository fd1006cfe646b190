import { renderSummaryView } from '@localize/report';
import type { StatusView } from '../batch/take-status.js';
import { cut } from './fit-lines.js';
import { fittedLaneLines } from './fitted-lanes.js';
import { jobLine } from './job-table.js';
import { laneLines } from './lane-text.js';
import { createPaint, type Paint } from './paint.js';

export interface StatusTextOptions {
  readonly color: boolean;
  readonly width: number;
  /** A line a job, above the rest. */
  readonly jobs: boolean;
  /** Lines of lanes that are wider would be cut off. */
  readonly fitted?: boolean;
  /** Where only failed jobs were asked for, what shows all of them. */
  readonly all?: string | undefined;
}

/** `localize status` for people, in pieces: jobs, lanes, and where the batch stands. Ends with a newline. */
export function* statusText(
  view: StatusView,
  { color, width, jobs, fitted = false, all }: StatusTextOptions,
): Generator<string> {
  // Of no job there is no more to say: sums of nothing look like a batch in which nothing was done.
  if (all !== undefined && view.survey.summary.totals.jobs === 0)
    return yield `no job has failed: ${all} shows them all\n`;
  const paint = createPaint(color);
  if (jobs) yield* jobBlock(view, paint);
  const lanes = laneBlock(view, paint, fitted ? width - INDENT.length : null);
  if (lanes.length > 0) yield `${lanes.join('\n')}\n\n`;
  yield renderSummaryView(view.survey.summary, { color, width });
}

function* jobBlock({ snapshot, survey }: StatusView, paint: Paint): Generator<string> {
  for (const job of snapshot.jobs) yield `${jobLine(job, survey.widths, paint)}\n`;
  if (survey.summary.totals.jobs > 0) yield '\n';
}

const INDENT = '  ';

/** @param columns that a line may take; `null`: as many as it needs */
function laneBlock({ lanes, laneNowMs, atWork, snapshot }: StatusView, paint: Paint, columns: number | null): string[] {
  // Nothing is open and nothing waits: how full the lanes were says nothing any more.
  const isOver = !atWork && lanes.every(({ open, waitingJobs }) => open === 0 && waitingJobs === 0);
  if (lanes.length === 0 || isOver || snapshot.runs.length === 0) return [];
  const now = { nowMs: laneNowMs, atWork };
  const lines = columns === null ? laneLines(lanes, now) : fittedLaneLines(lanes, now, columns);
  // What a closed lane's reason lacks of its end is told below.
  const shown = columns === null ? lines : lines.map((line) => cut(line, columns));
  return [paint('bold', 'Lanes'), ...shown.map((line) => `${INDENT}${line}`)];
}
