import type { BudgetLine } from '../../src/view-model/index.js';

/** Each cap of the budget: what is spent of it, what is reserved, what is left, and what waits for it. */
export function BudgetBars({ lines }: { readonly lines: readonly BudgetLine[] }) {
  if (lines.length === 0) return null;
  return (
    <>
      <h3>Budget</h3>
      <ul class="budget">
        {lines.map((line) => (
          <li key={line.name}>
            <p class="budget-head">
              <span>
                <code>{line.name}</code> <span class="muted">{line.scope}</span>
              </span>
              <span class={`budget-sum tone-${line.tone}`}>
                <strong>{line.spent}</strong> of {line.cap}
                <span class="muted"> · {line.left} left</span>
              </span>
            </p>
            <div class="budget-bar" aria-hidden="true">
              <span class="budget-billed" style={{ width: percent(line.billedShare) }} />
              <span class="budget-reserved" style={{ width: percent(line.reservedShare) }} />
            </div>
            {line.parts !== null && <p class="muted budget-parts">{line.parts}</p>}
            {line.waiting !== null && <p class="budget-waiting">{line.waiting}</p>}
          </li>
        ))}
      </ul>
      <ul class="legend" aria-hidden="true">
        <li class="key-spent">billed</li>
        <li class="key-reserved">reserved for what is in flight or at risk</li>
      </ul>
    </>
  );
}

function percent(share: number): string {
  return `${share * 100}%`;
}
