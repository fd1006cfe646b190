import type { Catalogue } from '@localize/core';
import { eachlabsFacts, eachlabsInfinitalk } from './eachlabs.js';
import { falFacts, falInfinitalk } from './fal.js';
import { vibedreamFacts, vibedreamInfinitetalkFast } from './vibedream.js';
import { wavespeedFacts, wavespeedInfinitetalk, wavespeedInfinitetalkFastMulti } from './wavespeed.js';

/** Every provider and route with its price, limits and constraints, each fact with where and when it was read. */
export const catalogue: Catalogue = {
  providers: [vibedreamFacts, eachlabsFacts, wavespeedFacts, falFacts],
  routes: [
    vibedreamInfinitetalkFast,
    eachlabsInfinitalk,
    wavespeedInfinitetalk,
    wavespeedInfinitetalkFastMulti,
    falInfinitalk,
  ],
};
