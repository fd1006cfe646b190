import type { JobSnapshot, Snapshot } from '@localize/core';
import { attempt, job, lane, run, snapshot, unfinished } from './fixture.js';

/** Texts that do harm wherever they are taken for more than text. */
export const HOSTILE = {
  script: '<script>document.title="owned"</script>',
  closing: '</script><img src=x onerror="document.title=\'owned\'">',
  comment: '<!--<script>',
  formula: '=cmd|"/c calc"!A1',
  fullWidthFormula: '＝cmd|"/c calc"!A1',
  markdown: '[click](https://evil.example) ![x](https://evil.example/x.png) `code` | cell | @everyone',
  bidi: 'gpj.\u202eevil\u2066',
  control: 'bell\u0007 escape\u001b[31mred\u001b[0m\r\nnew line',
  separators: 'line\u2028and\u2029paragraph',
  placeholder: '@@REPORT_DATA@@ $& $1 $`',
  prototype: '__proto__',
  link: 'javascript:document.title="owned"',
} as const;

/** A batch in which every text that comes from outside is hostile. */
export function hostileSnapshot(): Snapshot {
  return snapshot({
    batch: HOSTILE.script,
    manifest: HOSTILE.closing,
    warnings: Object.values(HOSTILE),
    runs: [run({ endedWhy: HOSTILE.script, host: HOSTILE.closing })],
    lanes: [lane({ lane: HOSTILE.script, closed: HOSTILE.control })],
    budget: Object.values(HOSTILE).map((name) => ({
      name,
      scope: { kind: 'label', label: name, value: name },
      period: 'day',
      micros: 1,
      billedMicros: 0,
      inFlightMicros: 0,
      atRiskMicros: 0,
      spentMicros: 0,
      leftMicros: 1,
      waitingJobs: 1,
      unpricedAttempts: 0,
      shortMicros: 1,
    })),
    jobs: Object.values(HOSTILE).flatMap(hostileJobs),
  });
}

function hostileJobs(text: string): JobSnapshot[] {
  const labels = { [text]: text };
  const marks = [{ reviewer: text, verdict: 'redo', route: text, note: text, atMs: 0 }] as const;
  const redo = { route: text, seed: 1, waits: true };
  return [
    job({
      videoId: text,
      language: text,
      key: `${text}/1`,
      route: text,
      labels,
      output: text,
      source: text,
      marks,
      earlierMarks: marks,
      redo,
    }),
    unfinished({
      videoId: text,
      language: 'ja',
      key: `${text}/3`,
      state: 'pending',
      waitsForMoney: { neededMicros: 1, caps: [text] },
    }),
    unfinished({
      videoId: text,
      key: `${text}/2`,
      state: 'failed',
      labels,
      source: text,
      reason: text,
      mend: `localize retry ${text}`,
      attempts: [
        attempt({
          route: text,
          lane: text,
          predictionId: text,
          state: 'failed',
          billedMicros: 0,
          failure: { kind: 'provider', message: text, code: text },
        }),
      ],
    }),
  ];
}
