import {
  type AttemptSnapshot,
  FAILURE_KINDS,
  type FailureKind,
  HOLD_REASONS,
  type HoldReason,
  type JobSnapshot,
  mendCommand,
  type Snapshot,
} from '@localize/core';
import { attempt, job, lane, measured, run, snapshot, T0, unfinished } from './fixture.js';

const MANIFEST = 'manifest.yaml';

/** A batch in which everything that can go wrong did: each failure kind, each hold reason, each class of money. */
export function troubledSnapshot(): Snapshot {
  return snapshot({
    runs: [run({ id: 'run-1' }), run({ id: 'run-2', startedAtMs: T0 + 700_000, endedAtMs: T0 + 900_000 })],
    lanes: [
      lane({ rateLimited: 3 }),
      lane({ lane: 'WAVESPEED_API_KEY', provider: 'wavespeed', creates: 5, concurrent: 3, open: 1 }),
      lane({ lane: 'FAL_KEY', provider: 'fal', closed: 'the key was refused (401)' }),
    ],
    jobs: [
      ...finishedJobs(),
      ...FAILURE_KINDS.map(failedJob),
      ...(Object.keys(HOLD_REASONS) as HoldReason[]).map(heldJob),
      ...waitingJobs(),
    ],
    budget: [
      {
        name: 'budget.max_usd',
        scope: { kind: 'all' },
        period: 'batch',
        micros: 2_500_000,
        billedMicros: 1_590_000,
        inFlightMicros: 400_000,
        atRiskMicros: 400_000,
        spentMicros: 2_390_000,
        leftMicros: 110_000,
        waitingJobs: 1,
        unpricedAttempts: 0,
        shortMicros: 90_000,
      },
    ],
    warnings: ['eachlabs/infinitalk takes no prompt; it is not sent'],
  });
}

function finishedJobs(): JobSnapshot[] {
  return [
    job({ videoId: 'keynote', language: 'de', labels: { course: 'onboarding' } }),
    job({ videoId: 'keynote', language: 'pt-BR', route: 'wavespeed/infinitetalk', labels: { course: 'onboarding' } }),
    job({
      videoId: 'keynote',
      language: 'ja',
      attempts: [
        attempt({ state: 'refused', billedMicros: null, costSource: 'none', createdAtMs: T0 - 86_400_000 }),
        attempt({ state: 'failed', billedMicros: 80_000, failure: { kind: 'provider', message: 'worker crashed' } }),
        attempt({ billedMicros: 160_000, costSource: 'price', createdAtMs: T0 + 400_000 }),
      ],
    }),
    job({
      videoId: 'tour',
      language: 'de',
      outputDurationMs: 29_000,
      attempts: [attempt({ billedMicros: null, costSource: 'none' })],
    }),
    job({
      videoId: 'old',
      language: 'fr',
      orphaned: true,
      measured: measured({ hasAudio: false, audioDurationMs: null, width: 720 }),
    }),
  ];
}

function failedJob(kind: FailureKind): JobSnapshot {
  const message = `the provider said ${kind}`;
  return unfinished({
    videoId: 'failures',
    language: `x-${kind}`,
    key: `failures/${kind}`,
    state: 'failed',
    reason: message,
    mend: `localize retry ${MANIFEST} --only failures/${kind}`,
    attempts: [attempt({ state: 'failed', billedMicros: 0, failure: { kind, message, httpStatus: 400 } })],
  });
}

const ATTEMPT_WHEN_HELD: Partial<Record<HoldReason, Partial<AttemptSnapshot>>> = {
  uncertain: { state: 'uncertain', billedMicros: null, costSource: 'none', predictionId: null, endedAtMs: null },
  'timed-out': { state: 'accepted', billedMicros: null, costSource: 'none', endedAtMs: null },
  lost: { state: 'lost' },
};

function heldJob(reason: HoldReason): JobSnapshot {
  const key = `holds/${reason}`;
  const { paid, words } = HOLD_REASONS[reason];
  return unfinished({
    videoId: 'holds',
    language: `x-${reason}`,
    key,
    state: 'held',
    holdReason: reason,
    reason: words,
    mend: mendCommand(reason, { manifest: MANIFEST, key }),
    attempts: paid === 'no' ? [] : [attempt(ATTEMPT_WHEN_HELD[reason])],
  });
}

function waitingJobs(): JobSnapshot[] {
  return [
    unfinished({ videoId: 'tour', language: 'pt-BR', state: 'pending', route: 'vibedream/x', estimateMicros: null }),
    unfinished({
      videoId: 'tour',
      language: 'ja',
      state: 'pending',
      waitsForMoney: { neededMicros: 200_000, caps: ['budget.max_usd'] },
    }),
    unfinished({
      videoId: 'tour',
      language: 'fr',
      state: 'processing',
      attempts: [attempt({ state: 'accepted', billedMicros: null, costSource: 'none', endedAtMs: null })],
    }),
    unfinished({ videoId: 'keynote', language: 'fr', state: 'canceled' }),
  ];
}
