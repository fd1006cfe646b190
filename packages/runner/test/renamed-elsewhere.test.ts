import { linkSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootClock, boughtUnderFormerNames, settle } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';

let batch: BatchFixture;
let manifestPath: string;
let other: string;
beforeEach(async () => {
  batch = await batchFixture();
  manifestPath = join(batch.dir, 'manifest.yaml');
  other = join(batch.dir, 'other.yaml');
  writeFileSync(manifestPath, 'batch: winter');
});
afterEach(() => batch.close());

const planOf = (name: string, languages = ['de']) => batch.plan(languages, { batch: name });
const BOUGHT = /^as batch winter, this manifest bought or may have bought 1 job that is not finished \(\$0\.15\)/;

describe('a manifest that was renamed after its create was lost', () => {
  it.each([
    ['a link', () => symlinkSync(manifestPath, other)],
    ['a hard link', () => linkSync(manifestPath, other)],
    ['a move', () => renameSync(manifestPath, other)],
  ])('says so and what is at risk where it is reached by %s, and lets it be settled', async (_, reach) => {
    batch.scripted.nextStarts.push('uncertain');
    await batch.run({ manifestPath }, planOf('winter'));
    reach();
    const warnings = [expect.stringMatching(BOUGHT)];
    expect(boughtUnderFormerNames(batch.store, planOf('summer'), other)).toEqual(warnings);
    expect((await batch.run({ manifestPath: other }, planOf('summer'))).exit).toBe(1);
    expect(batch.snapshot('summer')).toMatchObject({
      warnings,
      jobs: [
        {
          state: 'held',
          holdReason: 'twin',
          reason: expect.stringMatching(
            /^as batch winter, the create was sent but its reply was lost, .*\(\$0\.15 at risk\)$/,
          ),
          mend: expect.stringMatching(/^localize settle manifest\.yaml keynote\/de .* --not-bought/),
        },
      ],
    });
    const from = { manifestPath: other, folder: join(batch.dir, 'localized', 'summer'), sameBatch: false };
    const action = { store: batch.store, batch: 'summer', clock: bootClock(batch.store), host: 'test', from };
    await settle(action, 'keynote/de', { kind: 'not-bought' });
    expect((await batch.run({ manifestPath: other }, planOf('summer'))).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('says nothing of one that is gone, for which it asks nothing', async () => {
    batch.scripted.nextStarts.push('uncertain');
    await batch.run({ manifestPath }, planOf('winter'));
    renameSync(manifestPath, other);
    expect(boughtUnderFormerNames(batch.store, planOf('summer', ['fr']), other)).toEqual([]);
  });

  it('says nothing of one that is still there, beside it', async () => {
    batch.scripted.nextStarts.push('uncertain');
    await batch.run({ manifestPath }, planOf('winter'));
    expect(boughtUnderFormerNames(batch.store, planOf('summer'), other)).toEqual([]);
  });
});
