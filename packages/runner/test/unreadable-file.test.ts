import { chmodSync, mkdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { WholePlan } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunOptions, verifyOutputs } from '../src/index.js';
import { asUser, batchOfUser, planOfUser, runAsUser } from '../testing/as-user.js';
import { type BatchFixture, withPrompt } from '../testing/batch-fixture.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchOfUser();
});
afterEach(() => batch.close());

const planOf = (name: string, languages: readonly string[]) => planOfUser(batch, name, languages);
const run = (plan: WholePlan, options?: Partial<RunOptions>) => runAsUser(batch, plan, options);
const jobsOf = (name: string) => batch.snapshot(name).jobs;
const place = (name: string) => join(batch.dir, `localized/${name}/keynote/keynote.de.mp4`);
const said = () => batch.events.flatMap((event) => (event.type === 'problem' ? [event.message] : []));
const denied = /keynote\.de\.mp4 may not be read.* \(permission denied\): give the right to/;

describe('a video that may not be read', () => {
  it('of another batch is fetched again for free, and the jobs besides are made', async () => {
    await run(planOf('winter', ['de']));
    chmodSync(place('winter'), 0o000);
    expect((await run(planOf('spring', ['de', 'fr']))).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
    expect(jobsOf('spring')).toMatchObject([{ state: 'succeeded' }, { state: 'succeeded' }]);
  });

  it('and that nobody can ask for again keeps its own job from being bought, and no other', async () => {
    await run(planOf('winter', ['de']));
    batch.loseState();
    // Nothing is left by which it could be asked for.
    await run(planOf('winter', ['de']));
    batch.store.sqlite.exec('DELETE FROM adopted_predictions');
    rmSync(`${place('winter')}.json`);
    chmodSync(place('winter'), 0o000);
    expect((await run(planOf('spring', ['de', 'fr']))).exit).toBe(1);
    expect(batch.scripted.starts).toHaveLength(2);
    const reason = expect.stringMatching(/winter\/.* may not be read \(permission denied\): give the right to read it/);
    const mend = 'mend or move that, then: localize manifest.yaml';
    expect(jobsOf('spring')).toMatchObject([{ holdReason: 'place-taken', reason, mend }, { state: 'succeeded' }]);
    chmodSync(place('winter'), 0o644);
    expect((await run(planOf('spring', ['de', 'fr']))).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('of a finished job is told, named by a look at every output, and the others go on', async () => {
    await run(planOf('spring', ['de']));
    chmodSync(place('spring'), 0o000);
    utimesSync(place('spring'), 1, 1);
    expect((await run(planOf('spring', ['de', 'fr']))).exit).toBe(0);
    expect(said()).toEqual([expect.stringMatching(denied)]);
    expect(jobsOf('spring')).toMatchObject([{ state: 'succeeded' }, { state: 'succeeded' }]);
    const verified = await asUser(() => verifyOutputs(batch.store, 'spring', () => true));
    expect(verified).toMatchObject([{ found: 'unreadable' }, { found: 'same' }]);
    batch.loseState();
    expect((await run(planOf('spring', ['de', 'fr']))).exit).toBe(1);
    expect(jobsOf('spring')).toMatchObject([{ state: 'held', reason: expect.stringMatching(denied) }, {}]);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('keeps nothing but its own job from being made again, like a folder of earlier versions that takes none', async () => {
    await run(planOf('spring', ['de']));
    const replaced = join(batch.dir, 'localized/spring/replaced');
    mkdirSync(replaced);
    chmodSync(replaced, 0o000);
    const edited = withPrompt(planOf('spring', ['de', 'fr']), 'another');
    expect((await run(edited, { remake: true })).exit).toBe(1);
    expect(jobsOf('spring')).toMatchObject([{ state: 'succeeded', changed: { fields: ['prompt'] } }, {}]);
    expect(said()).toEqual([expect.stringMatching(/replaced.* \(permission denied\): give the right to/)]);
    expect(batch.scripted.starts).toHaveLength(2);
    chmodSync(replaced, 0o755);
    expect((await run(edited, { remake: true })).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(3);
  });
});
