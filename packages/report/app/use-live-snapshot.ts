import type { Snapshot } from '@localize/core';
import { useEffect, useState } from 'preact/hooks';
import type { PageData } from '../src/view-model/index.js';

/**
 * `live` while the run goes on, `lost` while the connection to it is gone, `ended` when the run is over, `still` for a
 * page that never changes.
 */
export type Liveness = 'live' | 'lost' | 'ended' | 'still';

export interface LiveSnapshot {
  readonly snapshot: Snapshot;
  readonly liveness: Liveness;
}

/** The page's snapshot, and each newer one while a run goes on. */
export function useLiveSnapshot({ snapshot: first, eventsUrl }: PageData): LiveSnapshot {
  const [snapshot, setSnapshot] = useState(first);
  const [liveness, setLiveness] = useState<Liveness>(eventsUrl === null ? 'still' : 'live');

  useEffect(() => {
    if (eventsUrl === null) return;
    const events = new EventSource(eventsUrl);
    events.addEventListener('open', () => setLiveness('live'));
    // The browser tries again by itself.
    events.addEventListener('error', () => setLiveness('lost'));
    events.addEventListener('snapshot', (event) => setSnapshot(JSON.parse(event.data) as Snapshot));
    events.addEventListener('end', () => {
      events.close();
      setLiveness('ended');
    });
    return () => events.close();
  }, [eventsUrl]);

  return { snapshot, liveness };
}
