import type { MediaUrls, Route, RouteId, RouteInput, StartRequest } from '@localize/core';
import { catalogue } from '../src/catalogue/catalogue.js';

export function routeNamed(id: RouteId): Route {
  const route = catalogue.routes.find((candidate) => candidate.id === id);
  if (route === undefined) throw new Error(`no route ${id}`);
  return route;
}

export const ONE_VOICE: MediaUrls = {
  video: 'https://media.test/v.mp4?X-Amz-Signature=v1',
  voices: { kind: 'one', audio: 'https://media.test/de.mp3?X-Amz-Signature=a1' },
  mask: null,
};

export const TWO_VOICES: MediaUrls = {
  ...ONE_VOICE,
  voices: {
    kind: 'two',
    left: 'https://media.test/left.wav',
    right: 'https://media.test/right.wav',
    order: 'left_right',
  },
};

const EMPTY_INPUT: RouteInput = { prompt: null, seed: null, resolution: null, frames: null, options: {} };

/** A request with one voice and nothing else set, unless it is said. */
export function requestFor(id: RouteId, input: Partial<RouteInput> = {}, media: Partial<MediaUrls> = {}): StartRequest {
  return { route: routeNamed(id), media: { ...ONE_VOICE, ...media }, input: { ...EMPTY_INPUT, ...input } };
}
