import { allowedConcurrency, durationWords, type LaneStatus, plainText } from '@localize/core';
import stringWidth from 'string-width';
import { createsLeft, type LaneTextOptions, laneLines, takersOf } from './lane-text.js';
import { tableLines } from './table.js';

/**
 * A line a lane that fits a terminal: what is open, what waits, what is left of the window and when the next place is
 * free stay as long as they can, the last of them longest. First the name of the key gets shorter, then the words, then
 * the gaps go.
 */
export function fittedLaneLines(lanes: readonly LaneStatus[], options: LaneTextOptions, columns: number): string[] {
  const named = { ...options, name: (lane: LaneStatus) => shortName(lane, lanes, SHORT_NAME) };
  const cells = lanes.map((lane) => shortCells(lane, lanes, named));
  const tersely = (without: readonly Detail[]) => lanes.map((lane) => terseLine(lane, lanes, options, without));
  const choices = [
    () => laneLines(lanes, options),
    () => laneLines(lanes, named),
    () => tableLines(cells),
    () => cells.map((row) => joined(row)),
    () => tersely([]),
    () => tersely(['window']),
    () => tersely(['window', 'queue']),
    () => tersely(['window', 'queue', 'open']),
  ];
  let lines: string[] = [];
  for (const choice of choices) {
    lines = choice();
    if (lines.every((line, index) => neededWidth(line, lanes[index]) <= columns)) break;
  }
  return lines;
}

/** A lane that is closed ends with a reason in somebody else's words, as long as they may be: its beginning must be seen. */
const REASON_SEEN = 4;

function neededWidth(line: string, lane: LaneStatus | undefined): number {
  const width = stringWidth(line);
  if (lane?.wait.for !== 'person') return width;
  return width - Math.max(0, stringWidth(plainText(lane.wait.why, 200)) - REASON_SEEN);
}

const SHORT_NAME = 8;
const TERSE_NAME = 3;

/** What tells the lanes of one provider apart; nothing where it has one. */
function shortName({ provider, lane }: LaneStatus, lanes: readonly LaneStatus[], length: number): string {
  if (lanes.filter((each) => each.provider === provider).length === 1) return '';
  return lane.length <= length ? lane : `…${lane.slice(1 - length)}`;
}

type Named = LaneTextOptions & Required<Pick<LaneTextOptions, 'name'>>;

function shortCells(lane: LaneStatus, lanes: readonly LaneStatus[], options: Named): string[] {
  const { provider, open, limits } = lane;
  return [
    provider,
    plainText(options.name(lane)),
    `${open}/${allowedConcurrency(lane)} open`,
    queueWords(lane, lanes),
    `${createsLeft(lane)} left per ${durationWords(limits.perMs)}`,
    shortWait(lane, options),
  ];
}

/** Said once of a queue that several lanes take from. */
function queueWords(lane: LaneStatus, lanes: readonly LaneStatus[]): string {
  const [first, ...others] = takersOf(lane, lanes);
  return lane !== first && others.includes(lane) ? 'the same' : `${lane.waitingJobs} to go`;
}

function joined(cells: readonly string[]): string {
  return cells.filter((cell) => cell !== '').join(' ');
}

/** What a line on a very narrow terminal leaves out, one after the other. */
type Detail = 'window' | 'queue' | 'open';

function terseLine(
  lane: LaneStatus,
  lanes: readonly LaneStatus[],
  options: LaneTextOptions,
  without: readonly Detail[],
): string {
  const { provider, open, limits } = lane;
  const cell = (detail: Detail, text: string) => (without.includes(detail) ? '' : text);
  return joined([
    provider,
    plainText(shortName(lane, lanes, TERSE_NAME)),
    cell('open', `${open}/${allowedConcurrency(lane)}`),
    cell('queue', queueWords(lane, lanes)),
    cell('window', `${createsLeft(lane)}/${durationWords(limits.perMs)}`),
    shortWait(lane, options).replace(/^next /, ''),
  ]);
}

const PAUSED = { 'rate-limit': '429', uncertain: 'lost replies', unreachable: 'unreachable' } as const;

function shortWait(lane: LaneStatus, { nowMs, createsEnded = false, nextSlotAtMs }: LaneTextOptions): string {
  const { wait, waitingJobs } = lane;
  if (lane.former) return 'former key';
  if (createsEnded && wait.for !== 'person' && waitingJobs > 0) return 'buys no more';
  const inTime = (untilMs: number) => durationWords(Math.max(1_000, untilMs - nowMs));
  switch (wait.for) {
    case 'person':
      return `closed: ${plainText(wait.why, 200)}`;
    case 'nothing':
      return 'idle';
    case 'budget':
      return 'no budget';
    case 'pause':
      return `next in ${inTime(wait.untilMs)}${wait.cause === null ? '' : ` (${PAUSED[wait.cause]})`}`;
    case 'reply':
      return 'one by one';
    case 'price':
      return 'asks the price';
    case 'slot': {
      const slotAtMs = nextSlotAtMs?.(lane) ?? null;
      return slotAtMs === null ? 'slots full' : `next in ~${inTime(slotAtMs)}`;
    }
    case 'window':
      return wait.untilMs === null ? 'window full' : `next in ${inTime(wait.untilMs)}`;
    case 'upload':
      return `next in ${inTime(wait.untilMs)} (uploads fail)`;
    case 'job':
      return 'free';
  }
}
