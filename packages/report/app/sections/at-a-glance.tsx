import type { ComponentChildren } from 'preact';
import { budgetGlance, costGlance, type PageView, toDoGlance } from '../../src/view-model/index.js';

interface Props {
  readonly view: PageView;
  /** Address of the page that the last run left, where there is one. */
  readonly runPage: string | null;
}

/** What there is to do, what it cost, and what the last run did, before a person scrolls. */
export function AtAGlance({ view, runPage }: Props) {
  const { lastRun } = view;
  const cost = costGlance(view);
  const budget = budgetGlance(view);
  const toDo = toDoGlance(view);
  return (
    <dl class="glance">
      <Glance name="To do" figure={toDo.figure} notes={toDo.notes}>
        {toDo.isAny && <a href="#attention">What, and how</a>}
      </Glance>
      <Glance
        name={view.emulated ? 'Cost (simulated)' : 'Cost'}
        figure={cost.figure}
        notes={[...cost.notes, ...budget]}
      >
        <a href="#cost">All of the cost</a>
      </Glance>
      {lastRun !== null && (
        <Glance
          kind="last-run"
          name={`${lastRun.name}, ${lastRun.started}`}
          figure={lastRun.billed}
          notes={[
            ...(lastRun.unsettled === null ? [] : [lastRun.unsettled]),
            lastRun.did,
            `${lastRun.took}; ${lastRun.left}`,
          ]}
        >
          {runPage !== null && (
            <a href={runPage} class="last-run-page">
              That run’s own page
            </a>
          )}
        </Glance>
      )}
    </dl>
  );
}

interface GlanceProps {
  readonly kind?: string;
  readonly name: string;
  readonly figure: string;
  readonly notes: readonly string[];
  /** Where there is more of it. */
  readonly children?: ComponentChildren;
}

function Glance({ kind, name, figure, notes, children }: GlanceProps) {
  return (
    <div class={kind}>
      <dt class="tile-name">{name}</dt>
      <dd class="tile-figure">{figure}</dd>
      {notes.map((note) => (
        <dd key={note} class="tile-note">
          {note}
        </dd>
      ))}
      {children && <dd class="tile-note">{children}</dd>}
    </div>
  );
}
