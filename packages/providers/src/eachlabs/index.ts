import type { Provider } from '@localize/core';
import { referenceTo } from '../verbs/judge-create.js';
import { cancel } from './cancel.js';
import { find } from './find.js';
import { identify } from './identify.js';
import { start } from './start.js';
import { status } from './status.js';
import { upload } from './upload.js';

/** Eachlabs: a finished poll states its cost, so there is no separate verb for it. */
export const eachlabs: Provider = {
  id: 'eachlabs',
  start,
  status,
  referenceFor: (_route, predictionId) => referenceTo(predictionId),
  identify,
  find,
  cancel,
  upload,
};
