import type { Provider } from '@localize/core';
import { referenceTo } from '../verbs/judge-create.js';
import { identify } from './identify.js';
import { start } from './start.js';
import { status } from './status.js';

/** VibeDream: create and poll. No listing, cancel or upload is documented, so those verbs are absent. */
export const vibedream: Provider = {
  id: 'vibedream',
  start,
  status,
  referenceFor: (_route, predictionId) => referenceTo(predictionId),
  identify,
};
