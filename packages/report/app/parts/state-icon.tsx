import type { StateGroup } from '../../src/view-model/index.js';

/** A shape for each state, so that nobody has to tell colours apart. */
const SHAPES: Readonly<Record<StateGroup, string>> = {
  succeeded: 'M3 8.5l3.2 3.2L13 4.8',
  failed: 'M4 4l8 8M12 4l-8 8',
  held: 'M5.5 3.5v9M10.5 3.5v9',
  running: 'M8 2.5a5.5 5.5 0 1 1-5.5 5.5',
  pending: 'M4 8h.01M8 8h.01M12 8h.01',
  canceled: 'M3.5 8h9',
  orphaned: 'M3.5 12.5l9-9M8 2.5a5.5 5.5 0 1 0 .01 0',
};

export function StateIcon({ state }: { readonly state: StateGroup }) {
  return (
    <svg class={`state-icon state-${state}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={SHAPES[state]} />
    </svg>
  );
}
