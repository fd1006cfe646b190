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

  test('subtracts nothing from what is unknown', () => {
    const unknown = snapshot({ jobs: [job({ attempts: [attempt({ billedMicros: null })] })] });
    expect(lineOf('Billed', unknown)).toMatchObject({ before: '$0.15', after: 'unknown', change: '–' });
  });

  test('names the jobs that stand elsewhere', () => {
    expect(compareSnapshots(before, after).changed).toEqual([
      { key: 'keynote/fr', before: 'Waiting', after: 'Succeeded' },
      { key: 'keynote/ja', before: 'not there', after: 'Succeeded' },
    ]);
  });

  test('is Markdown in which hostile text stays text', () => {
    const text = renderComparison(hostileSnapshot(), after).replace(/(`+)(?!`)[^\n]*?[^`]\1(?!`)/g, 'CODE');
    expect(text).toContain('| Succeeded |');
    expect(text).not.toMatch(/<|\]\(/);
  });
});
