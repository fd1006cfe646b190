import { localIso, zoneOffsetMs } from '@localize/core';
import { utcTicks } from 'd3-time';
import type { TimeWindow } from '../../src/view-model/index.js';

export interface TimeTick {
  /** Place on the axis, from 0 to 1. */
  readonly at: number;
  readonly label: string;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 3_600_000;

/** Round times between two moments, by the clocks of a time zone like all times of the report. */
export function timeTicks({ fromMs, toMs }: TimeWindow, timeZone: string, about: number): TimeTick[] {
  const offset = zoneOffsetMs(fromMs, timeZone);
  const ticks = utcTicks(new Date(fromMs + offset), new Date(toMs + offset), about).map(
    (tick) => Number(tick) - offset,
  );
  const stepMs = ticks.length > 1 ? Number(ticks[1]) - Number(ticks[0]) : toMs - fromMs;
  return ticks.map((tick) => ({
    at: (tick - fromMs) / (toMs - fromMs),
    label: tickLabel(localIso(tick, timeZone), stepMs),
  }));
}

function tickLabel(text: string, stepMs: number): string {
  if (stepMs >= DAY_MS) return text.slice(5, 10);
  if (stepMs >= MINUTE_MS) return text.slice(11, 16);
  if (stepMs >= 1000) return text.slice(11, 19);
  return stepMs >= 100 ? text.slice(14, 21) : text.slice(14, 23);
}
