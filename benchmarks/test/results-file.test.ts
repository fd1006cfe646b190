import { describe, expect, it } from 'vitest';
import { withSection } from '../src/results/results-file.js';
import { table } from '../src/results/section.js';

const section = (figure: string) => ({ title: 'Size', lines: [`| ${figure} |`] });

describe('the results file', () => {
  it('gets a section at its end', () => {
    expect(withSection('# Benchmarks\n\nBy hand.\n', 'size', section('1'))).toBe(
      '# Benchmarks\n\nBy hand.\n\n<!-- begin size: written by npm run bench -->\n## Size\n\n| 1 |\n<!-- end size -->\n',
    );
  });

  it('keeps what stands around a section that is measured again', () => {
    const first = `${withSection('# Benchmarks\n', 'size', section('1'))}\n## What profiling found\n\nBy hand.\n`;
    const second = withSection(withSection(first, 'overhead', section('7')), 'size', section('2'));
    expect(second).toBe(`${first.replace('| 1 |', '| 2 |')}\n${block('overhead', '7')}`);
  });
});

describe('a table', () => {
  it('aligns figures to the right', () => {
    expect(table(['', 'ms'], [['plan', '3']])).toEqual(['|  | ms |', '| --- | ---: |', '| plan | 3 |']);
  });
});

function block(family: string, figure: string): string {
  return `<!-- begin ${family}: written by npm run bench -->\n## Size\n\n| ${figure} |\n<!-- end ${family} -->\n`;
}
