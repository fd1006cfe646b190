import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { retry, type Settlement, settle } from '../src/index.js';
import { type BatchFixture, batchFixture, referenceFor } from '../testing/batch-fixture.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

describe('several lost creates of one job', () => {
  const settled = (settlement: Settlement) => settle(batch.action(), 'keynote/de', settlement);
  const states = () => batch.job().attempts.map(({ state, billedMicros }) => [state, billedMicros]);
  /** The first two were given up to be bought again, the last is uncertain. */
  async function loseThree(): Promise<void> {
    for (let nth = 1; nth <= 3; nth += 1) {
      batch.scripted.nextStarts.push('uncertain');
      await batch.run({ outageBackoff: { firstMs: 10, maximumMs: 10 } });
      if (nth < 3) await retry(batch.action(), { only: () => true, uncertain: true });
    }
  }

  it('are settled one by one, each by its number, and no word that is said twice settles another', async () => {
    await loseThree();
    expect(batch.job().mend).toBe(
      'localize settle manifest.yaml keynote/de --attempt 3 --prediction <its id at acme> | --not-bought | --charged <what it cost in USD> | --abandon',
    );
    expect(await settled({ kind: 'not-bought' })).toMatchObject({ openNumbers: [1, 2] });
    const third = [
      ['abandoned', null],
      ['abandoned', null],
      ['refused', null],
    ];
    expect(states()).toEqual(third);
    for (const word of [{ kind: 'not-bought' }, { kind: 'charged', micros: 150_000 }] as const) {
      await expect(settled(word)).rejects.toMatchObject({
        code: 'SETTLE_NOT_POSSIBLE',
        hint: expect.stringMatching(/^say which is meant: --attempt 1 \(sent \S+Z to acme\/lips\), --attempt 2 \(/),
      });
    }
    await settled({ kind: 'not-bought', attempt: 2 });
    await expect(settled({ kind: 'not-bought' })).rejects.toMatchObject({
      hint: expect.stringMatching(/--attempt 1 \(/),
    });
    expect(states()).toEqual([third[0], third[2], third[2]]);
    await settled({ kind: 'charged', micros: 150_000, attempt: 1 });
    await settled({ kind: 'charged', micros: 160_000 });
    expect(states()[0]).toEqual(['abandoned', 160_000]);
  });

  it('can each be named, an earlier one too, and a mistake about it taken back', async () => {
    await loseThree();
    await settled({ kind: 'not-bought', attempt: 1 });
    const named = { kind: 'prediction' as const, predictionId: 'prediction-1', referenceFor, identify: null };
    await expect(settled({ ...named, attempt: 1 })).rejects.toMatchObject({ message: /is still open/ });
    await settled({ kind: 'not-bought', attempt: 3 });
    expect(await settled({ ...named, attempt: 1 })).toMatchObject({ state: 'processing', openNumbers: [2] });
    expect((await batch.run()).exit).toBe(0);
    expect(states()).toEqual([
      ['completed', 150_000],
      ['abandoned', null],
      ['refused', null],
    ]);
    expect(batch.scripted.starts).toHaveLength(3);
  });

  it('are no others than those that the job has and the word can be about', async () => {
    await loseThree();
    await settled({ kind: 'not-bought', attempt: 3 });
    for (const attempt of [3, 4]) {
      await expect(settled({ kind: 'not-bought', attempt })).rejects.toMatchObject({ code: 'SETTLE_NOT_POSSIBLE' });
    }
  });
});
