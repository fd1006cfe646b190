import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { withSecondProvider } from '../testing/second-provider.js';

const LANGUAGES = ['de', 'fr', 'ja'];

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(LANGUAGES);
});
afterEach(() => batch.close());

const states = () => batch.snapshot().jobs.map((job) => job.state);

describe('a run whose creates are ended', () => {
  it('follows what is out there to its end, buys nothing more, and ends with 3', async () => {
    const ended = new AbortController();
    const plan = batch.plan(LANGUAGES);
    const acme = { ...plan.providers.acme!, limits: { creates: 1, perMs: 3_600_000, concurrent: 10 } };
    batch.scripted.statuses.set('prediction-1', { state: 'pending', phase: 'running' });
    const outcome = await batch.run(
      {
        endCreates: ended.signal,
        onEvent: (event) => {
          batch.events.push(event);
          if (event.type === 'attempt:state' && event.to === 'accepted') ended.abort();
          if (event.type === 'run:stopping') batch.scripted.statuses.delete('prediction-1');
        },
      },
      { ...plan, providers: { acme } },
    );
    expect(outcome).toMatchObject({ why: 'stop-after', exit: 3 });
    expect(batch.scripted.starts).toHaveLength(1);
    expect(states().sort()).toEqual(['pending', 'pending', 'succeeded']);
    expect(batch.events.filter(({ type }) => type === 'run:stopping')).toHaveLength(1);

    batch.reopen();
    expect(await batch.run()).toMatchObject({ why: 'finished', exit: 0 });
    expect(batch.scripted.starts).toHaveLength(3);
  });

  it('buys nothing at all when they were ended before it began', async () => {
    expect(await batch.run({ endCreates: AbortSignal.abort() })).toMatchObject({ why: 'stop-after', exit: 3 });
    expect(batch.scripted.starts).toHaveLength(0);
    expect(states()).toEqual(['pending', 'pending', 'pending']);
  });

  it.each(['auth', 'payment'] as const)(
    'leaves a lane that was closed (%s) and its jobs to a run that buys',
    async (kind) => {
      batch.scripted.refusal.kind = kind;
      batch.scripted.nextStarts.push('refused', 'refused', 'refused');
      expect(await batch.run()).toMatchObject({ exit: 1 });
      batch.scripted.nextStarts.splice(0);
      batch.reopen();
      expect(await batch.run({ endCreates: AbortSignal.abort() })).toMatchObject({ why: 'finished', exit: 1 });
      const { jobs, lanes } = batch.snapshot();
      expect(jobs.map(({ holdReason }) => holdReason)).toEqual(LANGUAGES.map(() => 'lane-closed'));
      expect(lanes[0]?.stops).toMatchObject([{ cause: 'closed', untilMs: null }]);
      expect(await batch.run()).toMatchObject({ exit: 0 });
    },
  );

  it('leaves jobs that were never tried with the closed lane that they wait for, where they could go elsewhere too', async () => {
    const other = withSecondProvider(batch, LANGUAGES);
    batch.scripted.refusal.kind = 'auth';
    batch.scripted.nextStarts.push('refused');
    await batch.run({ ...other.overrides, only: (key) => key === 'keynote/de' }, other.plan);
    expect(other.starts).toHaveLength(1);
    const routes = () => batch.snapshot().jobs.map(({ state, route }) => [state, route]);
    const before = routes();
    expect(before.slice(1)).toEqual([
      ['pending', 'acme/lips'],
      ['pending', 'acme/lips'],
    ]);
    const collecting = { ...other.overrides, endCreates: AbortSignal.abort() };
    expect(await batch.run(collecting, other.plan)).toMatchObject({ why: 'stop-after', exit: 3 });
    expect(routes()).toEqual(before);
    // The person has helped: the first choice takes them.
    expect(await batch.run(other.overrides, other.plan)).toMatchObject({ exit: 0 });
    expect(other.starts).toHaveLength(1);
  });

  it('is finished when nothing is left to buy', async () => {
    await batch.run();
    expect(await batch.run({ endCreates: AbortSignal.abort() })).toMatchObject({ why: 'finished', exit: 0 });
  });
});
