import type { Provider } from '@localize/core';
import { referenceTo } from '../verbs/judge-create.js';
import { cancel } from './cancel.js';
import { cost } from './cost.js';
import { find } from './find.js';
import { quote } from './quote.js';
import { start } from './start.js';
import { status } from './status.js';
import { upload } from './upload.js';

/** fal: the queue, the platform's listing and billing, the storage. */
export const fal: Provider = {
  id: 'fal',
  start,
  status,
  referenceFor: (_route, predictionId) => referenceTo(predictionId),
  cost,
  quotesOf: 'route',
  quote,
  find,
  cancel,
  upload,
};
