import { describe, expect, test } from 'vitest';
import { checkFlags, outputChecks } from '../src/view-model/checks.js';
import { job, measured, unfinished } from './fixture.js';

const results = (over: Parameters<typeof job>[0]) => outputChecks(job(over)).map(({ result }) => result);

describe('the measured checks of an output', () => {
  test('are good for one that is as long, as large and as loud as it should be', () => {
    expect(results({})).toEqual(['good', 'good', 'good']);
    expect(checkFlags(job())).toEqual({ faults: [], notes: [] });
  });

  test('find one that is short, silent or of another shape', () => {
    expect(results({ outputDurationMs: 29_000 })).toEqual(['bad', 'good', 'good']);
    expect(results({ measured: measured({ hasAudio: false, audioDurationMs: null }) })).toEqual([
      'good',
      'good',
      'bad',
    ]);
    expect(results({ measured: measured({ audioDurationMs: 20_000 }) })).toEqual(['good', 'good', 'bad']);
    expect(results({ measured: measured({ width: 720 }) })).toEqual(['good', 'bad', 'good']);
    const all = job({ outputDurationMs: 1000, measured: measured({ width: 720, hasAudio: false }) });
    expect(checkFlags(all).faults).toEqual([
      'shorter than its track',
      'no sound',
      'another picture shape than its source',
    ]);
  });

  test('note a smaller picture, which may be what was bought', () => {
    const small = { measured: measured({ width: 854, height: 480 }) };
    expect(results(small)).toEqual(['good', 'note', 'good']);
    expect(outputChecks(job(small))[1]?.text).toBe('854 × 480, 25 frames a second; its source is 1280 × 720');
    expect(checkFlags(job(small))).toEqual({ faults: [], notes: ['smaller than its source'] });
  });

  test('say so where nobody measured', () => {
    expect(results({ measured: null, trackDurationMs: null })).toEqual(['unknown', 'unknown', 'unknown']);
    expect(checkFlags(unfinished({}))).toEqual({ faults: [], notes: [] });
  });

  test('do not say of a video that is not on disk that it stays', () => {
    const again = job({ output: null, missing: true, remaking: { state: 'held', holdReason: 'lane-closed' } });
    expect(checkFlags(again).notes).toEqual(['to be made again']);
  });
});
