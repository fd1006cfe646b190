import type { LaneTimeShare } from '../../src/view-model/index.js';

/** What stood in the way of a lane's next create, as one bar with its words. */
export function LaneTimeBar({ time }: { readonly time: readonly LaneTimeShare[] }) {
  if (time.length === 0) return null;
  return (
    <div class="lane-time">
      <p class="muted lane-time-title">What kept it from its next create</p>
      <div class="lane-time-bar" aria-hidden="true">
        {time.map(({ kind, share }) => (
          <span key={kind} class={`time-${kind}`} style={{ flexGrow: share }} />
        ))}
      </div>
      <ul class="legend lane-time-legend">
        {time.map(({ kind, text }) => (
          <li key={kind} class={`time-key time-key-${kind}`}>
            {text}
          </li>
        ))}
      </ul>
    </div>
  );
}
