import type { Provider } from '@localize/core';
import { referenceTo } from '../verbs/judge-create.js';
import { start } from './start.js';
import { status } from './status.js';

export const wavespeed: Provider = {
  id: 'wavespeed',
  start,
  status,
  referenceFor: (_route, predictionId) => referenceTo(predictionId),
};
