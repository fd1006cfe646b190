import { count, HOLD_REASONS, type JobSnapshot, mendCommand, type Plan, plainText, waitReason } from '@localize/core';
import { type UnpricedAttempt, unpricedAttemptWords } from '@localize/runner';
import type { PlanRow } from '../batch/plan-rows.js';
import { unpricedBefore, unpricedUnderCaps, unpricedWords } from '../batch/refuse-unpriced.js';

/** Jobs that wait for money, or lack a file, are many at a time. */
const NAMED = 5;

/** What a run would stop at or leave undone, as far as it can be known beforehand. */
export function planProblems(
  { budget }: Plan,
  rows: readonly PlanRow[],
  under: {
    readonly waiting: readonly Pick<JobSnapshot, 'key' | 'state' | 'waitsForMoney'>[];
    /** What was bought before and has no known amount, as far as a cap counts it. */
    readonly unpriced: readonly UnpricedAttempt[];
    /** For each job that no route takes under the budget, why. */
    readonly blocked: readonly string[];
    /** What is where a job's video belongs, by the job's key. */
    readonly taken: ReadonlyMap<string, string>;
    /** The manifest as the user would type it. */
    readonly again: string;
  },
): string[] {
  const routeless = rows.filter(({ job, state }) => job.choices.length === 0 && state !== 'succeeded');
  const leftOut = routeless.filter(({ isLeftOut }) => isLeftOut);
  const unnamedLeftOut = leftOut.length - NAMED;
  const toBuy = rows.filter(({ buys }) => buys).map(({ job }) => job);
  const unpriced = unpricedUnderCaps(toBuy, budget.caps);
  const before = unpricedBefore(toBuy, under.unpriced);
  const waiting = under.waiting.flatMap((job) => {
    const reason = waitReason(job);
    return reason === null ? [] : `${plainText(job.key)}${job.state === 'succeeded' ? ':' : ''} ${reason}`;
  });
  const unnamed = waiting.length - NAMED;
  return [
    ...leftOut
      .slice(0, NAMED)
      .map(({ job }) => `${plainText(job.key)} is left out: a file of it is missing or unusable`),
    ...(unnamedLeftOut > 0 ? [`${count(unnamedLeftOut, 'more job')} left out for want of a file`] : []),
    ...routeless
      .filter(({ isLeftOut }) => !isLeftOut)
      .map(({ job }) => `${plainText(job.key)} can be made by no route${reasons(job.ineligible)}`),
    ...(unpriced.length > 0 ? [`${unpricedWords(unpriced)}; the run refuses to begin`] : []),
    ...(before.length > 0 ? [`${plainText(unpricedAttemptWords(before))}; the run refuses to begin`] : []),
    ...[...new Set(under.blocked)].map((why) => {
      const jobs = under.blocked.filter((each) => each === why).length;
      return `${count(jobs, 'job')} would be held: ${plainText(why)}`;
    }),
    ...takenWords(under.taken, under.again),
    ...waiting.slice(0, NAMED),
    ...(unnamed > 0 ? [`${count(unnamed, 'more job')} wait for money`] : []),
    ...stopped(rows, 'held', under.again),
    ...stopped(rows, 'failed', under.again),
  ];
}

/** Jobs for which nothing will be bought, since no video can be put where theirs belong, or something else lies there. */
export function takenWords(taken: ReadonlyMap<string, string>, again: string): string[] {
  const words = [...taken].slice(0, NAMED).map(([key, what]) => {
    const { words: why } = HOLD_REASONS['place-taken'];
    return `${plainText(key)} would be held: ${why}: ${what} (${mendCommand('place-taken', { manifest: again, key })})`;
  });
  const unnamed = taken.size - words.length;
  return unnamed > 0 ? [...words, `${count(unnamed, 'more job')} would be held for the same`] : words;
}

function reasons(ineligible: readonly { route: string; reason: string }[]): string {
  return ineligible.length === 0 ? '' : `: ${ineligible.map(({ route, reason }) => `${route} ${reason}`).join('; ')}`;
}

function stopped(rows: readonly PlanRow[], state: 'held' | 'failed', again: string): string[] {
  const own = rows.filter((row) => row.state === state && !row.buys && row.takes === null);
  return own.length === 0
    ? []
    : [
        `${count(own.length, 'job')} ${own.length === 1 ? 'is' : 'are'} ${state}: see localize status${again === '' ? '' : ` ${again}`}`,
      ];
}
