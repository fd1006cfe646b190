import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WholePlan } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent } from '../src/index.js';
import { whyUnwritable } from '../src/output/output-writable.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';

/** What becomes of the outputs' folder while a run is at work, on the real file system. */

const LANGUAGES = ['de', 'fr', 'ja', 'it', 'es', 'pl'];
const BEFORE = 2;

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(LANGUAGES);
});
afterEach(() => batch.close());

const at = (...names: string[]) => join(batch.dir, ...names);

interface Loss {
  readonly what: string;
  prepare?(): void;
  lose(): void;
  mend(): void;
}

/** A file takes the place of a folder, which lies elsewhere meanwhile. */
function fileFor(what: string, ...names: string[]): Loss {
  return {
    what,
    lose: () => {
      renameSync(at(...names), at('aside'));
      writeFileSync(at(...names), 'in the way');
    },
    mend: () => {
      rmSync(at(...names));
      renameSync(at('aside'), at(...names));
    },
  };
}

const LOSSES: readonly Loss[] = [
  {
    what: 'a link to a disk that is unplugged',
    prepare: () => {
      mkdirSync(at('disk', 'outputs'), { recursive: true });
      symlinkSync(at('disk', 'outputs'), at('localized'));
    },
    lose: () => renameSync(at('disk'), at('unplugged')),
    mend: () => renameSync(at('unplugged'), at('disk')),
  },
  fileFor('a file in the place of all outputs', 'localized'),
  fileFor('a file in the place of the batch’s', 'localized', 'spring'),
];

/** Two creates now, and the next ones soon. */
function slowly(plan: WholePlan): WholePlan {
  const limits = { creates: BEFORE, perMs: 300, concurrent: LANGUAGES.length };
  return { ...plan, providers: { acme: { ...plan.providers.acme!, limits } } };
}

const states = () => new Set(batch.snapshot().jobs.map(({ state }) => state));

async function expectMended(): Promise<void> {
  expect(states()).not.toContain('held');
  const paid = batch.scripted.starts.length;
  expect(paid).toBeLessThanOrEqual(LANGUAGES.length);
  expect((await batch.run()).exit).toBe(0);
  expect(batch.scripted.starts).toHaveLength(LANGUAGES.length);
}

describe.each(LOSSES)('$what, in the middle of a run', ({ prepare, lose, mend }) => {
  beforeEach(() => prepare?.());

  it('ends the creates before the next one leaves, and the next run fetches what was bought', async () => {
    for (const n of LANGUAGES.keys()) {
      batch.scripted.statuses.set(`prediction-${n + 1}`, { state: 'pending', phase: 'running' });
    }
    let accepted = 0;
    const said: string[] = [];
    const onEvent = (event: RunEvent) => {
      if (event.type === 'attempt:state' && event.to === 'accepted' && ++accepted === BEFORE) lose();
      if (event.type !== 'problem') return;
      said.push(event.message);
      batch.scripted.statuses.clear();
    };
    await expect(batch.run({ onEvent }, slowly(batch.plan(LANGUAGES)))).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
      hint: expect.stringContaining('run again'),
    });
    expect(batch.scripted.starts).toHaveLength(BEFORE);
    expect(said).toEqual([expect.stringMatching(/^no further create leaves: the output folder .* cannot be written/)]);
    mend();
    await expectMended();
  });

  it('holds no job of those that are bought: the run ends, and the next one fetches them all', async () => {
    for (const n of LANGUAGES.keys()) {
      batch.scripted.statuses.set(`prediction-${n + 1}`, { state: 'pending', phase: 'running' });
    }
    let accepted = 0;
    const onEvent = (event: RunEvent) => {
      if (event.type !== 'attempt:state' || event.to !== 'accepted' || ++accepted < LANGUAGES.length) return;
      lose();
      batch.scripted.statuses.clear();
    };
    await expect(batch.run({ onEvent })).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
      message: expect.stringContaining(at('localized')),
    });
    mend();
    await expectMended();
  });
});

describe('the folder of the outputs', () => {
  it('is made anew where it was only removed', async () => {
    let isRemoved = false;
    const onEvent = (event: RunEvent) => {
      if (event.type !== 'job:state' || event.to !== 'processing' || isRemoved) return;
      isRemoved = true;
      rmSync(at('localized'), { recursive: true });
    };
    expect((await batch.run({ onEvent })).exit).toBe(0);
    expect(states()).toEqual(new Set(['succeeded']));
  });

  it('takes no outputs where the disk that it would be made on takes no writes', () => {
    expect(whyUnwritable('/proc/self/outputs')).toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
    expect(whyUnwritable(at('not', 'yet', 'there'))).toBeNull();
  });
});
