import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LaterFacts, laterPage, renderHtml } from '@localize/report';
import { describe, expect, test } from 'vitest';
import { job, snapshot } from '../../report/test/fixture.js';
import { laterDocument } from '../src/batch/later-document.js';
import { writeDocuments } from '../src/batch/write-documents.js';

const FACTS: LaterFacts = { takenAtMs: 1_000, runs: [], runPages: { 'run-2': 'run-2.html' }, ownRun: null };
const renew = (beginning: string) => laterPage(beginning, FACTS);

describe('a page after a run that changed no job', () => {
  test.each([0, 1, 2, 3])('keeps every character, wherever its bytes are cut: moved by %s', (shift) => {
    // Each character has three bytes or four, over more than one piece that is read.
    const words = `${'x'.repeat(shift)}${'語🎬'.repeat(60_000)}`;
    const page = renderHtml(snapshot({ jobs: [job({ videoId: words })] }));
    const path = join(mkdtempSync(join(tmpdir(), 'later-')), 'index.html');
    writeFileSync(path, page);
    writeDocuments([{ path, document: laterDocument(path, renew) }], []);
    expect(readFileSync(path, 'utf8') === laterPage(page, FACTS)).toBe(true);
  });

  test('stays byte by byte what it is where it is no page of ours', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'later-')), 'index.html');
    const bytes = Buffer.alloc(600_000, 0xc3);
    writeFileSync(path, bytes);
    writeDocuments([{ path, document: laterDocument(path, renew) }], []);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });
});
