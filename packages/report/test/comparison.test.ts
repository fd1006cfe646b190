import { describe, expect, test } from 'vitest';
import { renderComparison } from '../src/index.js';
import { compareSnapshots } from '../src/view-model/comparison.js';
import { attempt, job, snapshot, unfinished } from './fixture.js';
import { hostileSnapshot } from './hostile.js';

describe('a comparison', () => {
  const before = snapshot({ jobs: [job(), unfinished({ language: 'fr', state: 'pending' })] });
  const after = snapshot({ jobs: [job(), job({ language: 'fr' }), job({ language: 'ja' })] });
  const lineOf = (name: string, other = after) =>
    compareSnapshots(before, other).lines.find((line) => line.name === name);

  test('gives what changed in figures', () => {
    expect(lineOf('Succeeded')).toMatchObject({ before: '1', after: '3', change: '+2' });
    expect(lineOf('Billed')).toMatchObject({ before: '$0.15', after: '$0.45', change: '+$0.30' });
    expect(lineOf('Failed')).toMatchObject({ change: '–' });
  });

  test('subtracts what is shown, so that its figures add up', () => {
    const costing = (billedMicros: number, tookMs: number) => {
      const { createdAtMs } = attempt();
      const acceptedAtMs = createdAtMs + 2000;
      const made = attempt({ billedMicros, acceptedAtMs, endedAtMs: acceptedAtMs + tookMs });
      return snapshot({ jobs: [job({ attempts: [made] })] });
    };
    const { lines } = compareSnapshots(costing(4_985_100, 31_260), costing(3_344_900, 30_140));
    const lineNamed = (name: string) => lines.find((line) => line.name === name);
    expect(lineNamed('Billed')).toMatchObject({ before: '$4.99', after: '$3.34', change: '-$1.65' });
    expect(lineNamed('Half of the attempts within')).toMatchObject({
      before: '31.3 s',
      after: '30.1 s',
      change: '-1.2 s',
    });
  });

  test('subtracts nothing from what is unknown', () => {
    const unknown = snapshot({ jobs: [job({ attempts: [attempt({ billedMicros: null })] })] });
    expect(lineOf('Billed', unknown)).toMatchObject({ before: '$0.15', after: 'unknown', change: '–' });
  });

  test('names the jobs that stand elsewhere', () => {
    expect(compareSnapshots(before, after).changed).toEqual([
      { key: 'keynote/fr', before: 'Waiting, 0 attempts, $0.00 billed', after: 'Succeeded, 1 attempt, $0.15 billed' },
      { key: 'keynote/ja', before: 'not there', after: 'Succeeded' },
    ]);
  });

  test('sets every kind of money side by side, and what each route was billed', () => {
    const failed = unfinished({ state: 'failed', attempts: [attempt({ state: 'failed', billedMicros: 80_000 })] });
    const onFal = job({ route: 'fal/infinitalk', language: 'nl' });
    const other = snapshot({ jobs: [failed, onFal] });
    expect(lineOf('Charged but failed', other)).toMatchObject({ before: '$0.00', after: '$0.08', change: '+$0.08' });
    expect(lineOf('Not charged', other)?.change).toBe('–');
    expect(lineOf('Billed by fal/infinitalk', other)).toMatchObject({
      before: 'not there',
      after: '$0.15',
      change: '+$0.15',
    });
    expect(lineOf('Billed by eachlabs/infinitalk', other)).toMatchObject({ change: '-$0.07' });
  });

  test('names the jobs that have another video', () => {
    const again = snapshot({ jobs: [job({ outputSha256: 'b'.repeat(64) }), before.jobs[1] ?? job()] });
    expect(compareSnapshots(before, again).changed).toEqual([
      { key: 'keynote/de', before: 'Succeeded', after: 'Succeeded, another video' },
    ]);
  });

  test('names the jobs that were bought again or are on another route, with what changed', () => {
    const made = attempt();
    const moved = [made, attempt({ route: 'fal/infinitalk', billedMicros: 200_000 })];
    const [was, is] = [[made], moved].map((attempts) => {
      return snapshot({ jobs: [job({ attempts, route: attempts.at(-1)?.route ?? null })] });
    });
    if (!was || !is) throw new Error('no sides');
    expect(compareSnapshots(was, is).changed).toEqual([
      {
        key: 'keynote/de',
        before: 'Succeeded, eachlabs/infinitalk, 1 attempt, $0.15 billed',
        after: 'Succeeded, fal/infinitalk, 2 attempts, $0.35 billed',
      },
    ]);
    expect(compareSnapshots(is, is).changed).toEqual([]);
  });

  test('is Markdown in which hostile text stays text', () => {
    const text = renderComparison(hostileSnapshot(), after).replace(/(`+)(?!`)[^\n]*?[^`]\1(?!`)/g, 'CODE');
    expect(text).toContain('| Succeeded |');
    expect(text).not.toMatch(/<|\]\(/);
  });
});
