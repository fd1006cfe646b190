import type { Cue } from './parse-vtt.js';

/**
 * Cues as a player shows them that has room for one at a time: in their order, none over another. Where several would be
 * seen at once, their texts stand under each other, each text once.
 * @param endMs nothing is shown from there on
 */
export function timelineOf(cues: readonly Cue[], endMs: number): Cue[] {
  const waiting = cues
    .map((cue) => ({ ...cue, endMs: Math.min(cue.endMs, endMs) }))
    .filter((cue) => cue.startMs < cue.endMs)
    .sort((a, b) => a.startMs - b.startMs);
  const timeline: Cue[] = [];
  let seen: Cue[] = [];
  let next = 0;
  for (let at = 0; next < waiting.length || seen.length > 0; ) {
    if (seen.length === 0) at = waiting[next]?.startMs ?? at;
    for (let cue = waiting[next]; cue !== undefined && cue.startMs <= at; cue = waiting[next]) {
      seen.push(cue);
      next += 1;
    }
    const until = Math.min(waiting[next]?.startMs ?? endMs, ...seen.map((cue) => cue.endMs));
    append(timeline, { startMs: at, endMs: until, text: [...new Set(seen.map(({ text }) => text))].join('\n') }, seen);
    seen = seen.filter((cue) => cue.endMs > until);
    at = until;
  }
  return timeline;
}

/** What is shown on is not shown anew, unless another cue of the same text begins. */
function append(timeline: Cue[], shown: Cue, seen: readonly Cue[]): void {
  const last = timeline.at(-1);
  const goesOn = seen.some(({ startMs }) => startMs < shown.startMs);
  if (goesOn && last?.text === shown.text) timeline[timeline.length - 1] = { ...last, endMs: shown.endMs };
  else timeline.push(shown);
}
