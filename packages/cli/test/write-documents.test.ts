import { mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobSnapshot } from '@localize/core';
import type { ReportDocument } from '@localize/report';
import { describe, expect, test } from 'vitest';
import { removeStaleParts, writeDocuments } from '../src/batch/write-documents.js';

const KEYS: ReportDocument = { head: ['<', '\n'], job: ({ key }, index) => `${index} ${key}\n`, tail: '>' };
const LONG: ReportDocument = { head: [], job: ({ key }) => `${key} ä `.repeat(10_000), tail: '' };

describe('documents that are written side by side', () => {
  test('have all their jobs, however long they are, in one pass', () => {
    const folder = mkdtempSync(join(tmpdir(), 'documents-'));
    const paths = { keys: join(folder, 'runs', 'keys.txt'), long: join(folder, 'long.txt') };
    writeDocuments(
      [
        { path: paths.keys, document: KEYS },
        { path: paths.long, document: LONG },
      ],
      jobs('a', 'b', 'c'),
    );
    expect(readFileSync(paths.keys, 'utf8')).toBe('<\n0 a\n1 b\n2 c\n>');
    expect(readFileSync(paths.long, 'utf8')).toBe(['a', 'b', 'c'].map((key) => `${key} ä `.repeat(10_000)).join(''));
    expect(readdirSync(folder).sort()).toEqual(['long.txt', 'runs']);
  });

  test('leave the former ones as they were when one of them cannot be written', () => {
    const folder = mkdtempSync(join(tmpdir(), 'documents-'));
    const former = join(folder, 'keys.txt');
    writeFileSync(former, 'former');
    writeFileSync(join(folder, 'file'), '');
    const files = [
      { path: former, document: KEYS },
      { path: join(folder, 'file', 'below-a-file.txt'), document: KEYS },
    ];
    expect(() => writeDocuments(files, jobs('a'))).toThrow(expect.objectContaining({ code: 'OUTPUT_UNWRITABLE' }));
    expect(readdirSync(folder).sort()).toEqual(['file', 'keys.txt']);
    expect(readFileSync(former, 'utf8')).toBe('former');
  });
});

test('what a killed process has left of documents goes, and what another one is writing stays', () => {
  const folder = mkdtempSync(join(tmpdir(), 'documents-'));
  for (const name of ['keys.txt', 'keys.txt.1.part', 'keys.txt.2.part']) writeFileSync(join(folder, name), '');
  const longAgo = new Date(Date.now() - 24 * 3_600_000);
  for (const name of ['keys.txt', 'keys.txt.1.part']) utimesSync(join(folder, name), longAgo, longAgo);
  removeStaleParts(folder);
  removeStaleParts(join(folder, 'nothing-here'));
  expect(readdirSync(folder).sort()).toEqual(['keys.txt', 'keys.txt.2.part']);
});

/** They can be gone through once. */
function* jobs(...keys: string[]): Generator<JobSnapshot> {
  for (const key of keys) yield { key } as JobSnapshot;
}
