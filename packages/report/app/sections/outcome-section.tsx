import { formatNumber, type JobFilter, type PageView, stateCounts } from '../../src/view-model/index.js';
import { Folded } from '../parts/folded.js';
import { Section } from '../parts/section.js';
import { StateIcon } from '../parts/state-icon.js';
import { AtAGlance } from './at-a-glance.js';
import { AttentionList } from './attention-list.js';

interface Props {
  readonly view: PageView;
  /** Address of the page that the last run left, where there is one. */
  readonly runPage: string | null;
  readonly onShowJobs: (filter: Partial<JobFilter>) => void;
}

/** Did it work? One sentence, the states in figures, the rest at a glance, and what needs a person. */
export function OutcomeSection({ view, runPage, onShowJobs }: Props) {
  const counts = stateCounts(view);
  return (
    <Section id="outcome" title="Did it work?">
      <p class={`verdict verdict-${view.verdict.tone}`}>{view.verdict.text}</p>
      <div class="state-bar" aria-hidden="true">
        {counts
          .filter(({ count }) => count > 0)
          .map(({ state, share }) => (
            <span key={state} class={`fill-${state}`} style={{ flexGrow: share }} />
          ))}
      </div>
      <ul class="tiles" aria-label="Jobs by state">
        {counts.map(({ state, name, count, note }) => (
          <li key={state}>
            <button type="button" class="tile" onClick={() => onShowJobs({ state })} disabled={count === 0}>
              <span class="tile-name">
                <StateIcon state={state} /> {name}
              </span>
              <span class="tile-figure">{formatNumber(count)}</span>
              {note !== null && <span class="tile-note">{note}</span>}
            </button>
          </li>
        ))}
      </ul>
      <AtAGlance view={view} runPage={runPage} />
      <AttentionList
        attention={view.attention}
        changed={view.changed}
        left={view.left}
        manifest={view.manifest}
        onShowJob={(key) => onShowJobs({ text: key })}
      />
      {view.warnings.length > 0 && (
        <Folded summary={`Warnings (${view.warnings.length})`}>
          <ul>
            {view.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Folded>
      )}
    </Section>
  );
}
