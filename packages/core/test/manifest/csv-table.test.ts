import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCsv } from '../../src/manifest/csv-table.js';

const texts = (text: string) => {
  const { header, rows } = readCsv(text);
  return [header, ...rows].map((row) => row.map((cell) => cell.text));
};
const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

describe('a CSV file', () => {
  it('comes back as it was written, whatever stands in its cells, without rows of empty ones', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ' ', '"', ',', ';', '\n', '\t', 'é', '序'), maxLength: 8 });
    const table = fc
      .integer({ min: 2, max: 4 })
      .chain((width) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 5 }),
      );
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), (rows, end) => {
        const header = rows[0]?.map((_, index) => `c${index}`) ?? [];
        const text = [header, ...rows].map((row) => row.map(quoted).join(',')).join(end);
        expect(texts(text)).toEqual([header, ...rows.filter((row) => row.some((each) => each !== ''))]);
      }),
    );
  });

  it('reads a cell that says what stands above it, or begins or ends like that, as any other', () => {
    const lines = ['a,bc,d', 'a,bc,d', 'a,b,', 'a,bc,', ' a,bc ,d', 'ab,"bc",d,', 'a,"b,c",d', 'a,b,c,d', 'a,b'];
    expect(texts(lines.join('\n'))).toEqual([
      ['a', 'bc', 'd'],
      ['a', 'bc', 'd'],
      ['a', 'b', ''],
      ['a', 'bc', ''],
      ['a', 'bc', 'd'],
      ['ab', 'bc', 'd', ''],
      ['a', 'b,c', 'd'],
      ['a', 'b', 'c', 'd'],
      ['a', 'b'],
    ]);
    const [first, second] = [...readCsv('h\n x\nx\r\nx').rows].map(([cell]) => cell);
    expect(first).toMatchObject({ text: 'x', line: 2, column: 2, at: 2 });
    expect(second).toMatchObject({ text: 'x', line: 3, column: 1, at: 5 });
  });

  it('knows where each cell stands', () => {
    const rows = [...readCsv('a,b\n"x\ny", z\n1,2').rows];
    expect(rows.map((row) => row.map(({ line, column, length }) => [line, column, length]))).toEqual([
      [
        [2, 1, 2],
        [3, 5, 1],
      ],
      [
        [4, 1, 1],
        [4, 3, 1],
      ],
    ]);
  });

  it('skips empty lines and trims what is not quoted', () => {
    expect(texts('a ; b\r\n\r\n 1;" 2 "\r\n')).toEqual([
      ['a', 'b'],
      ['1', ' 2 '],
    ]);
  });

  it('says which quote never ends', () => {
    const openQuote = (text: string) => {
      const table = readCsv(text);
      for (const _row of table.rows);
      return table.openQuote();
    };
    expect(openQuote('a,b\n1,"2\n3')).toMatchObject({ line: 2, column: 3 });
    expect(openQuote('a,b\n1,"2"')).toBeNull();
  });
});
