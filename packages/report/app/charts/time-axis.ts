import { utcTicks } from 'd3-time';

export interface TimeTick {
  /** Place on the axis, from 0 to 1. */
  readonly at: number;
  readonly label: string;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 3_600_000;

/** Round times between two moments, in UTC like all times of the report. */
export function timeTicks(fromMs: number, toMs: number, about: number): TimeTick[] {
  const ticks = utcTicks(new Date(fromMs), new Date(toMs), about);
  const stepMs = ticks.length > 1 ? Number(ticks[1]) - Number(ticks[0]) : toMs - fromMs;
  return ticks.map((tick) => ({ at: (Number(tick) - fromMs) / (toMs - fromMs), label: tickLabel(tick, stepMs) }));
}

function tickLabel(tick: Date, stepMs: number): string {
  const text = tick.toISOString();
  if (stepMs >= DAY_MS) return text.slice(5, 10);
  if (stepMs >= MINUTE_MS) return text.slice(11, 16);
  if (stepMs >= 1000) return text.slice(11, 19);
  return stepMs >= 100 ? text.slice(14, 21) : text.slice(14, 23);
}
