import type {
  AttemptPhases,
  AttemptSnapshot,
  JobSnapshot,
  LaneSnapshot,
  MeasuredVideo,
  RunSnapshot,
  Snapshot,
} from '@localize/core';

/** 2026-03-14 09:26:53 UTC: every fixture counts from here. */
export const T0 = Date.UTC(2026, 2, 14, 9, 26, 53);

let attemptCount = 0;

/** A completed attempt of five minutes at fifteen cents. */
export function attempt(over: Partial<AttemptSnapshot> = {}): AttemptSnapshot {
  attemptCount += 1;
  const route = over.route ?? 'eachlabs/infinitalk';
  return {
    id: `attempt-${attemptCount}`,
    route,
    provider: route.split('/')[0] ?? 'eachlabs',
    lane: 'EACHLABS_API_KEY',
    state: 'completed',
    predictionId: `prediction-${attemptCount}`,
    estimateMicros: 200_000,
    billedMicros: 150_000,
    costSource: 'provider',
    failure: null,
    createdAtMs: T0,
    sentAtMs: T0 + 1000,
    acceptedAtMs: T0 + 2000,
    endedAtMs: T0 + 302_000,
    ...over,
  };
}

/** A verified picture like its source's, with thirty seconds of sound. */
export function measured(over: Partial<MeasuredVideo> = {}): MeasuredVideo {
  return { width: 1280, height: 720, frameRate: 25, hasAudio: true, audioDurationMs: 30_000, ...over };
}

/** A succeeded job of thirty seconds with one attempt. */
export function job(over: Partial<JobSnapshot> = {}): JobSnapshot {
  const videoId = over.videoId ?? 'keynote';
  const language = over.language ?? 'de';
  return {
    key: `${videoId}/${language}`,
    videoId,
    language,
    labels: {},
    state: 'succeeded',
    orphaned: false,
    route: 'eachlabs/infinitalk',
    estimateMicros: 200_000,
    output: `localized/spring/${videoId}/${videoId}.${language}.mp4`,
    outputSha256: 'a'.repeat(64),
    outputBytes: 1_234_567,
    outputDurationMs: 30_000,
    trackDurationMs: 30_000,
    measured: measured(),
    sourceSize: { width: 1280, height: 720 },
    source: `media/${videoId}.mp4`,
    holdReason: null,
    reason: null,
    mend: null,
    attempts: [attempt({ route: over.route ?? 'eachlabs/infinitalk' })],
    ...over,
  };
}

/** A job without an output; what it has tried is the caller's to say. */
export function unfinished(over: Partial<JobSnapshot>): JobSnapshot {
  const none = { output: null, outputSha256: null, outputBytes: null, outputDurationMs: null, measured: null };
  return job({ ...none, attempts: [], ...over });
}

export function lane(over: Partial<LaneSnapshot> = {}): LaneSnapshot {
  return {
    lane: 'EACHLABS_API_KEY',
    provider: 'eachlabs',
    creates: 100,
    perMs: 60_000,
    concurrent: 10,
    open: 0,
    rateLimited: 0,
    closed: null,
    ...over,
  };
}

export function run(over: Partial<RunSnapshot> = {}): RunSnapshot {
  return {
    id: 'run-1',
    startedAtMs: T0,
    endedAtMs: T0 + 600_000,
    endedWhy: 'finished',
    host: 'studio',
    version: '0.1.0',
    ...over,
  };
}

export function snapshot(over: Partial<Snapshot> = {}): Snapshot {
  return {
    version: 1,
    batch: 'spring',
    manifest: 'manifest.yaml',
    emulated: false,
    takenAtMs: T0 + 600_000,
    timeZone: 'UTC',
    runs: [run()],
    lanes: [lane()],
    jobs: [job()],
    warnings: [],
    ...over,
  };
}

/** A completed attempt from its create to its end, in milliseconds after {@link T0}. */
export function attemptAt(startMs: number, endMs: number | null, over: Partial<AttemptSnapshot> = {}): AttemptSnapshot {
  return attempt({
    createdAtMs: T0 + startMs,
    sentAtMs: T0 + startMs,
    acceptedAtMs: T0 + startMs + 10,
    endedAtMs: endMs === null ? null : T0 + endMs,
    ...over,
  });
}

/** What was seen of an attempt's phases. */
export function phases(over: Partial<AttemptPhases>): AttemptPhases {
  return {
    stagingAtMs: null,
    stagedAtMs: null,
    runningAtMs: null,
    downloadAtMs: null,
    downloadedAtMs: null,
    ...over,
  };
}
