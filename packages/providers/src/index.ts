import type { Provider, ProviderId } from '@localize/core';
import { eachlabs } from './eachlabs/index.js';
import { fal } from './fal/index.js';
import { vibedream } from './vibedream/index.js';
import { wavespeed } from './wavespeed/index.js';

export { catalogue } from './catalogue/catalogue.js';
export { type Probe, probeHost } from './http/probe-host.js';
export { eachlabs, fal, vibedream, wavespeed };

/** Every provider by its id. */
export const providers: ReadonlyMap<ProviderId, Provider> = new Map(
  [vibedream, eachlabs, wavespeed, fal].map((provider) => [provider.id, provider]),
);
