import type { Provider } from '@localize/core';
import { referenceTo } from '../verbs/judge-create.js';
import { start } from './start.js';
import { status } from './status.js';

export const fal: Provider = {
  id: 'fal',
  start,
  status,
  referenceFor: (_route, predictionId) => referenceTo(predictionId),
};
