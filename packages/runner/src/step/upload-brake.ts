import { recordPause } from '../store/lanes/lane-stops.js';
import { prepared } from '../store/prepared.js';
import type { Traffic } from './place-brake.js';
import { StagingFailure } from './staging-failure.js';
import { destinationFor } from './upload-destination.js';

/** Uploads, by the names of their destinations. A job that waits for one is back in the backlog. */
export const UPLOADS: Traffic = {
  noun: 'upload',
  placesOf: ({ uploading }) => uploading.places,
  failureOfPlace: (error) => (error instanceof StagingFailure && error.ofPlace ? error.failure : null),
  tellPause: ({ batchId, clock, journal, lanes, options, store }, destination, { untilMs, why }) => {
    for (const lane of lanes) {
      if (destinationFor(options, lane) !== destination) continue;
      recordPause(store, lane.id, { atMs: clock.wallMs(), untilMs, cause: 'upload' }, batchId);
    }
    journal.tell({ type: 'upload:paused', destination, untilMs, why });
  },
  letGo: ({ store }, jobIds, readyAtMs) => {
    if (jobIds.length === 0) return;
    prepared<[number, string], unknown>(
      store,
      `UPDATE jobs SET ready_at = ? WHERE state = 'pending' AND id IN (SELECT value FROM json_each(?))`,
    ).run(readyAtMs, JSON.stringify(jobIds));
  },
};
