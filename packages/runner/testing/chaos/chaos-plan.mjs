import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { billedMilliseconds, estimatePrice } from '@localize/core';
import { catalogue } from '@localize/providers';

const MEDIA = fileURLToPath(new URL('../../../../manifests/media/', import.meta.url));
const LANGUAGES = ['de', 'fr', 'ja', 'pt-BR'];

/**
 * A plan of `count` jobs over the given routes, with real media and the real catalogue. Every job is different: the seed
 * tells equal media apart, so that a lost create can be recognized by its inputs.
 */
export function chaosPlan({
  dir,
  tag,
  endpoints,
  count,
  routes,
  batch = 'chaos',
  firstTake = 0,
  limits = {},
  durations,
  onUncertain = 'hold',
  timeoutMs = 120_000,
  caps = [],
}) {
  const jobs = [];
  for (let position = 0; position < count; position += 1) {
    const route = catalogue.routes.find((each) => each.id === routes[position % routes.length]);
    jobs.push(plannedJob(route, position, durations, tag, firstTake));
  }
  const providers = {};
  for (const facts of catalogue.providers) {
    const hosts = hostsOf(endpoints[facts.id]);
    providers[facts.id] = {
      id: facts.id,
      keys: [{ variable: facts.keyVariable, account: null }],
      hosts,
      auth: facts.auth[0],
      limits: limits[facts.id] ?? {
        creates: facts.limits.creates,
        perMs: facts.limits.perMs,
        concurrent: facts.limits.concurrent,
      },
      limitsFrom: { creates: 'manifest', perMs: 'manifest', concurrent: 'manifest' },
      poll: { firstMs: 100, everyMs: 100 },
      timeoutMs,
    };
  }
  return {
    batch,
    emulate: false,
    jobs,
    providers,
    outputDir: join(dir, 'localized'),
    onUncertain,
    failoverOnRejection: false,
    budget: { caps, marginPercent: 0, confirmAboveMicros: 0 },
    prices: {},
    staging: null,
    warnings: [],
  };
}

function hostsOf(endpoint) {
  const hosts = { base_url: endpoint.baseUrl };
  if (endpoint.uploadUrl) hosts.upload_url = endpoint.uploadUrl;
  if (endpoint.platformUrl) hosts.platform_url = endpoint.platformUrl;
  return hosts;
}

function plannedJob(route, position, durations, tag, firstTake) {
  const language = LANGUAGES[position % LANGUAGES.length];
  const name = route.frames ? 'welcome' : ['welcome', 'safety'][position % 2];
  const file = (path) => ({ kind: 'file', path: join(MEDIA, path) });
  const two = route.voices === 2;
  const voice = two ? ['de', 'fr'][position % 2] : language;
  const voices = two
    ? {
        kind: 'two',
        left: file(`audio/${voice}/interview-left.mp3`),
        right: file(`audio/${voice}/interview-right.mp3`),
        order: 'left_right',
      }
    : { kind: 'one', audio: file(`audio/${language}/${name}.mp3`) };
  const audioMs = two
    ? [durations[`audio/${voice}/interview-left.mp3`], durations[`audio/${voice}/interview-right.mp3`]]
    : [durations[`audio/${language}/${name}.mp3`]];
  const durationMs = audioMs.reduce((sum, each) => sum + each, 0);
  const billedMs = two ? billedMilliseconds('left_right', audioMs[0], audioMs[1]) : durationMs;
  const frames = route.frames
    ? Math.max(route.frames.minimum, Math.ceil((durationMs * route.frames.framesPerSecond) / 1000))
    : null;
  const input = {
    prompt: `Presenter of ${tag}, take ${firstTake + position}`,
    seed: (position % 900) + 1,
    resolution: route.defaultResolution,
    frames,
    options: {},
  };
  const estimate = estimatePrice(priceOf(route), { billedMs, resolution: input.resolution, frames });
  return {
    key: `video-${position}/${language}`,
    videoId: `video-${position}`,
    language,
    languageSpelling: language,
    position,
    labels: {},
    video: file(two ? 'interview.mp4' : `${name}.mp4`),
    voices,
    mask: null,
    durationMs,
    choices: [{ route: route.id, provider: route.provider, input, estimate }],
    ineligible: [],
    output: `video-${position}/video-${position}.${language}.mp4`,
  };
}

/** What a user would set as `price:` for a route whose provider publishes none; the emulator bills the same. */
function priceOf(route) {
  if (route.price.kind !== 'unknown') return route.price;
  return { kind: 'per-second', microsPerSecond: { any: 40_000 }, minimumSeconds: 5, source: route.price.source };
}
