import type { AttemptSnapshot } from '@localize/core';
import { expect, test } from 'vitest';
import { attemptRows } from '../src/view-model/attempt-rows.js';
import { attempt, job } from './fixture.js';

const failureOf = (over: Partial<AttemptSnapshot>) =>
  attemptRows(job({ attempts: [attempt(over)] }), 'UTC').map(({ failure }) => failure);

test('what became of an attempt goes by how far it came', () => {
  const short = { kind: 'provider', message: '2.9 s long where its track has 7.3 s' } as const;
  expect(failureOf({ state: 'failed', failure: short })).toEqual([`It failed at the provider: ${short.message}`]);
  expect(failureOf({ state: 'completed', failure: short })).toEqual([`Its result could not be used: ${short.message}`]);
  expect(failureOf({ state: 'lost', failure: short })).toEqual([`Its result is gone: ${short.message}`]);
  const unknown = { kind: 'invalid-input', message: 'Prediction not found', httpStatus: 404 } as const;
  expect(failureOf({ state: 'refused', failure: unknown })).toEqual([
    `The provider does not take this input (HTTP 404): ${unknown.message}`,
  ]);
  for (const state of ['accepted', 'abandoned'] as const) {
    expect(failureOf({ state, failure: unknown })).toEqual([
      `The provider no longer answers for it (HTTP 404): ${unknown.message}`,
    ]);
  }
  const busy = { kind: 'network', message: 'the connection was closed' } as const;
  expect(failureOf({ state: 'completed', failure: busy })).toEqual([
    `The provider could not be reached: ${busy.message}`,
  ]);
});
