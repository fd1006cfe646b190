import type { Provider } from '@localize/core';
import { referenceTo } from '../verbs/judge-create.js';
import { find } from './find.js';
import { identify } from './identify.js';
import { quote } from './quote.js';
import { start } from './start.js';
import { status } from './status.js';
import { upload } from './upload.js';

/** WaveSpeedAI, both routes. No cancel is documented: deleting a record does not stop its task. */
export const wavespeed: Provider = {
  id: 'wavespeed',
  start,
  status,
  referenceFor: (_route, predictionId) => referenceTo(predictionId),
  identify,
  quote,
  find,
  upload,
};
