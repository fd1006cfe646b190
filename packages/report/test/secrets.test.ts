import type { Snapshot } from '@localize/core';
import { describe, expect, test } from 'vitest';
import {
  renderCsvAttempts,
  renderCsvJobs,
  renderHtml,
  renderJson,
  renderMarkdown,
  renderSummary,
} from '../src/index.js';
import { attempt, job, lane, run, snapshot, unfinished } from './fixture.js';

const SIGNED = 'https://cdn.example/in.mp4?X-Amz-Credential=ABC123&X-Amz-Signature=deadbeef&part=2';
const given = snapshot({
  warnings: [`could not read ${SIGNED}`],
  runs: [run({ endedWhy: `gave up on ${SIGNED}` })],
  lanes: [lane({ closed: `refused at ${SIGNED}` })],
  jobs: [
    job({ source: SIGNED }),
    unfinished({
      language: 'fr',
      state: 'failed',
      reason: `no such file: ${SIGNED}`,
      attempts: [attempt({ state: 'failed', failure: { kind: 'provider', message: `fetch ${SIGNED}: 403` } })],
    }),
  ],
});

describe('no document carries the signature of a URL:', () => {
  test.each<[string, (snapshot: Snapshot) => string]>([
    ['CSV of jobs', renderCsvJobs],
    ['CSV of attempts', renderCsvAttempts],
    ['JSON', renderJson],
    ['Markdown', renderMarkdown],
    ['HTML', renderHtml],
    ['summary', (each) => renderSummary(each, { color: true, width: 80 })],
  ])('%s', (_, render) => {
    expect(render(given)).not.toMatch(/deadbeef|ABC123/);
  });
});
