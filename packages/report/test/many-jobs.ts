import type { JobSnapshot, Snapshot } from '@localize/core';
import { attempt, job, lane, run, snapshot, T0, unfinished } from './fixture.js';

const LANGUAGES = 'de fr pt-BR ja es-419 it ko nl pl sv tr uk zh-Hans vi th id cs da fi hu'.split(' ');
const ROUTES = [
  ['eachlabs/infinitalk', 'EACHLABS_API_KEY'],
  ['wavespeed/infinitetalk', 'WAVESPEED_API_KEY'],
  ['fal/infinitalk', 'FAL_KEY'],
] as const;

/** A large batch of which most went well: twenty languages, three routes, some failures and holds. */
export function manyJobs(count: number): Snapshot {
  return snapshot({
    batch: 'spring-launch',
    jobs: Array.from({ length: count }, (_, index) => oneOfMany(index, count)),
    lanes: [
      lane({ rateLimited: 2 }),
      lane({ lane: 'WAVESPEED_API_KEY', provider: 'wavespeed', creates: 5, concurrent: 30 }),
      lane({ lane: 'FAL_KEY', provider: 'fal', creates: 10, perMs: 1000, concurrent: 20 }),
    ],
    runs: [run({ endedAtMs: T0 + 3_600_000 })],
    takenAtMs: T0 + 3_600_000,
  });
}

function oneOfMany(index: number, count: number): JobSnapshot {
  const language = LANGUAGES[index % LANGUAGES.length] ?? 'de';
  const videoId = `course-${String(Math.floor(index / LANGUAGES.length)).padStart(3, '0')}`;
  const [route, laneName] = ROUTES[index % 3] ?? ROUTES[0];
  const createdAtMs = T0 + Math.floor(index / 30) * 30_000 + (index % 7) * 1500;
  const lengthMs = 30_000 + ((index * 31) % 9000);
  const tried = attempt({
    route,
    lane: laneName,
    createdAtMs,
    sentAtMs: createdAtMs + 400,
    acceptedAtMs: createdAtMs + 2500,
    endedAtMs: createdAtMs + 60_000 + ((index * 7919) % 90_000),
    billedMicros: 10_000 * (12 + ((index * 7) % 9)),
  });
  const common = { videoId, language, route, labels: { course: index % 2 ? 'onboarding' : 'safety' } };
  const key = `${videoId}/${language}`;
  if (index % 37 === 5) {
    const failure = { kind: 'provider', message: 'worker out of memory', httpStatus: 200 } as const;
    const reason = `the provider said: ${failure.message}`;
    const mend = `localize retry manifest.yaml --only ${key}`;
    const attempts = [{ ...tried, state: 'failed' as const, billedMicros: 0, failure }];
    return unfinished({ ...common, state: 'failed', reason, mend, attempts });
  }
  if (index % 53 === 7) {
    const mend = `localize settle manifest.yaml ${key} --prediction <its id at fal> | --not-bought | --charged <what it cost in USD> | --abandon`;
    const attempts = [{ ...tried, state: 'uncertain' as const, billedMicros: null, endedAtMs: null }];
    return unfinished({ ...common, state: 'held', holdReason: 'uncertain', mend, attempts });
  }
  if (index > count * 0.96) return unfinished({ ...common, state: 'pending' });
  return job({ ...common, outputDurationMs: lengthMs, trackDurationMs: lengthMs, attempts: [tried] });
}
