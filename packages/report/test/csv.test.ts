import { describe, expect, test } from 'vitest';
import { csvCell, csvTable } from '../src/csv/csv.js';
import { renderCsvAttempts, renderCsvJobs } from '../src/index.js';
import { attempt, job, snapshot, unfinished } from './fixture.js';
import { hostileSnapshot } from './hostile.js';
import { parseCsv } from './parse-csv.js';
import { troubledSnapshot } from './troubled.js';

describe('a CSV cell', () => {
  test.each(['=cmd()', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '\nx', '＝cmd()', '＋1', '－1', '＠SUM(A1)', ' =cmd()'])(
    '%j is defused',
    (text) => {
      expect(csvCell(text).replace(/^"/, '')).toMatch(/^'/);
    },
  );

  test('keeps nothing of a text that moves a terminal’s cursor or turns other text around', () => {
    expect(csvCell('a\u001b]0;x\u0007\u009bb\u202ec\u2066')).toBe('a ]0;x bc');
    expect(csvCell('\u001b=1+1')).toBe("' =1+1");
    expect(csvCell('tab\tand\nline')).toBe('"tab\tand\nline"');
  });

  test('keeps numbers as numbers and leaves the unknown empty', () => {
    expect(csvTable(['n', 'u'], [[-3, null]])).toBe('n,u\r\n-3,\r\n');
  });

  test('quotes commas, quotes and line ends', () => {
    expect(csvCell('a,"b"\nc')).toBe('"a,""b""\nc"');
  });
});

describe('the CSV of jobs', () => {
  test('has one row a job with its money told apart', () => {
    const jobs = [
      job({ labels: { course: 'safety' } }),
      unfinished({
        language: 'fr',
        state: 'held',
        attempts: [attempt({ state: 'uncertain', billedMicros: null })],
      }),
      job({ language: 'ja', estimateMicros: null, attempts: [attempt({ billedMicros: null })] }),
    ];
    const [first, second, third] = parseCsv(renderCsvJobs(snapshot({ jobs })));
    expect(first).toMatchObject({ key: 'keynote/de', billed_usd: '0.15', label_course: 'safety', prices: 'real' });
    expect(second).toMatchObject({ billed_usd: '0.00', at_risk_usd: '0.20', label_course: '' });
    expect(third).toMatchObject({ billed_usd: '', estimated_usd: '', unpriced_attempts: '1' });
  });

  test('says in its last column what the manifest asks for differently by now', () => {
    const changed = { fields: ['prompt', 'seed'], estimateMicros: null };
    const text = renderCsvJobs(snapshot({ jobs: [job({ labels: { course: 'safety' }, changed }), job()] }));
    expect(text.split('\r\n')[0]).toMatch(/,redo_waits,label_course,differs_in$/);
    expect(parseCsv(text).map((row) => row.differs_in)).toEqual(['prompt; seed', '']);
  });

  test('says that prices are simulated', () => {
    expect(parseCsv(renderCsvJobs(snapshot({ emulated: true })))[0]).toMatchObject({ prices: 'simulated' });
  });
});

describe('the CSV of attempts', () => {
  test('gives each attempt the labels of its job, to charge it back', () => {
    const jobs = [
      job({ labels: { course: 'safety' }, attempts: [attempt({ id: 'first' }), attempt({ id: 'second' })] }),
      job({ language: 'fr', labels: { team: 'sales' }, attempts: [attempt({ id: 'third' })] }),
    ];
    const rows = parseCsv(renderCsvAttempts(snapshot({ jobs })));
    expect(rows.map((row) => [row.attempt, row.label_course, row.label_team])).toEqual([
      ['first', 'safety', ''],
      ['second', 'safety', ''],
      ['third', '', 'sales'],
    ]);
  });

  test('has one row an attempt', () => {
    const { jobs } = troubledSnapshot();
    const rows = parseCsv(renderCsvAttempts(troubledSnapshot()));
    expect(rows).toHaveLength(jobs.flatMap(({ attempts }) => attempts).length);
    expect(rows.map(({ money }) => money)).toEqual(expect.arrayContaining(['billed', 'at-risk', 'lost', 'unpriced']));
  });
});

test.each([renderCsvJobs, renderCsvAttempts])('no hostile text starts a formula or breaks a row: %o', (render) => {
  const rows = parseCsv(render(hostileSnapshot()));
  const widths = new Set(rows.map((row) => Object.keys(row).length));
  expect(widths.size).toBe(1);
  for (const cell of rows.flatMap((row) => Object.values(row)))
    expect(cell).not.toMatch(/^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/u);
});
