import type { ProviderName } from '../provider-name.js';
import type { Prediction } from './prediction.js';

/** The URL path of a prediction's output. It holds the id, so that it can be found again after a restart. */
export function outputPath(prediction: Prediction): string {
  const { provider, id, finishesAt } = prediction;
  switch (provider) {
    case 'vibedream':
      // `https://assets.vibedream.ai/outputs/{id}/{epoch ms}-0.mp4` [page vibedream]
      return `/vibedream/assets/outputs/${id}/${finishesAt}-0.mp4`;
    case 'eachlabs':
      return `/eachlabs/cdn/outputs/${id}.mp4`;
    case 'wavespeed':
      return `/wavespeed/cdn/outputs/${id}.mp4`;
    case 'fal':
      return `/fal/media/outputs/${id}/output.mp4`;
  }
}

const PATTERNS: readonly (readonly [ProviderName, RegExp])[] = [
  ['vibedream', /^\/vibedream\/assets\/outputs\/([^/]+)\/[^/]+$/],
  ['eachlabs', /^\/eachlabs\/cdn\/outputs\/([^/]+)\.mp4$/],
  ['wavespeed', /^\/wavespeed\/cdn\/outputs\/([^/]+)\.mp4$/],
  ['fal', /^\/fal\/media\/outputs\/([^/]+)\/[^/]+$/],
];

/** Whose output a URL path is; null when it is not the path of an output. */
export function parseOutputPath(path: string): { provider: ProviderName; id: string } | null {
  for (const [provider, pattern] of PATTERNS) {
    const id = pattern.exec(path)?.[1];
    if (id !== undefined) return { provider, id };
  }
  return null;
}
