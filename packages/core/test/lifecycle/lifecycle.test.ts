import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ATTEMPT_STATES,
  ATTEMPT_TRANSITIONS,
  type AttemptEvent,
  HOLD_REASONS,
  IllegalTransitionError,
  JOB_STATES,
  JOB_TRANSITIONS,
  type JobEvent,
  mendCommand,
  nextAttemptState,
  nextJobState,
} from '../../src/index.js';

type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

function eventsOf(table: Table): string[] {
  return [...new Set(Object.values(table).flatMap((moves) => Object.keys(moves)))];
}

function reachable(table: Table, start: string): Set<string> {
  const seen = new Set([start]);
  for (const state of seen) for (const next of Object.values(table[state] ?? {})) seen.add(next);
  return seen;
}

describe.each([
  [
    'job',
    JOB_TRANSITIONS as Table,
    JOB_STATES as string[],
    nextJobState as (from: never, event: never) => string,
    'pending',
  ],
  [
    'attempt',
    ATTEMPT_TRANSITIONS as Table,
    ATTEMPT_STATES as string[],
    nextAttemptState as (from: never, event: never) => string,
    'intended',
  ],
] as const)('the life of a %s', (subject, table, states, next, start) => {
  it('moves as the table says, and in no other way', () => {
    const events = [...eventsOf(table), 'nonsense'];
    fc.assert(
      fc.property(fc.constantFrom(...states), fc.constantFrom(...events), (state, event) => {
        const to = Object.hasOwn(table[state] ?? {}, event) ? table[state]?.[event] : undefined;
        if (to !== undefined) expect(next(state as never, event as never)).toBe(to);
        else expect(() => next(state as never, event as never)).toThrow(IllegalTransitionError);
      }),
      { numRuns: 1000 },
    );
  });

  it('knows every state that an event leads to, and leads to every state', () => {
    expect([...reachable(table, start)].sort()).toEqual([...states].sort());
  });

  it('says from where to where it cannot go', () => {
    const error = (() => {
      try {
        next(start as never, 'nonsense' as never);
        return null;
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toMatchObject({ subject, from: start, event: 'nonsense' });
  });
});

describe('promises of the tables', () => {
  it('never buy twice: a paid attempt that nobody gave up cannot become one that was never bought', () => {
    const { abandoned: _, ...kept } = ATTEMPT_TRANSITIONS;
    for (const state of ['accepted', 'completed', 'lost'] as const) {
      expect(reachable(kept, state)).not.toContain('refused');
    }
  });

  it('let a late find revive what was uncertain or given up', () => {
    expect(nextAttemptState('uncertain', 'accept' satisfies AttemptEvent)).toBe('accepted');
    expect(nextAttemptState('abandoned', 'accept')).toBe('accepted');
    for (const state of ['failed', 'held', 'canceled'] as const) {
      expect(nextJobState(state, 'found' satisfies JobEvent)).toBe('processing');
    }
  });

  it('give every hold reason words and a command', () => {
    for (const [reason, entry] of Object.entries(HOLD_REASONS)) {
      expect(entry.words).not.toBe('');
      const command = mendCommand(reason as keyof typeof HOLD_REASONS, { manifest: 'm.yaml', key: 'a/de' });
      expect(command).toContain('localize');
      expect(command).not.toContain('{');
    }
  });
});
