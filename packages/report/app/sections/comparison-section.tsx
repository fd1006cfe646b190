import { useState } from 'preact/hooks';
import { type Comparison, formatCount } from '../../src/view-model/index.js';
import { FiguresTable } from '../parts/figures-table.js';
import { Section } from '../parts/section.js';

const FIRST_JOBS = 12;
const MORE_JOBS = 200;

/** This batch beside another, or beside itself at another time. */
export function ComparisonSection({ comparison }: { readonly comparison: Comparison }) {
  return (
    <Section id="comparison" title="What changed?">
      <FiguresTable label="Before and after" of="Figure" figures={['Before', 'After', 'Change']}>
        {comparison.lines.map((line) => (
          <tr key={line.name}>
            <th scope="row">{line.name}</th>
            <td class="number">{line.before}</td>
            <td class="number">{line.after}</td>
            <td class="number strong">{line.change}</td>
          </tr>
        ))}
      </FiguresTable>
      <ChangedJobs comparison={comparison} />
    </Section>
  );
}

function ChangedJobs({ comparison: { changed } }: { readonly comparison: Comparison }) {
  const [shown, setShown] = useState(FIRST_JOBS);
  const rest = changed.length - shown;
  if (changed.length === 0) {
    return <p class="calm">Every job stands where it stood, with the same video, route, attempts and bill.</p>;
  }
  return (
    <>
      <h3>{formatCount(changed.length, 'job')} changed</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section class="scroll-x" tabIndex={0} aria-label="Jobs that changed">
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">Job</th>
              <th scope="col">Before</th>
              <th scope="col">After</th>
            </tr>
          </thead>
          <tbody>
            {changed.slice(0, shown).map((job) => (
              <tr key={job.key}>
                <th scope="row">
                  <bdi>{job.key}</bdi>
                </th>
                <td>{job.before}</td>
                <td>{job.after}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {rest > 0 && (
        <button type="button" class="quiet" onClick={() => setShown(shown + MORE_JOBS)}>
          Show {formatCount(Math.min(rest, MORE_JOBS), 'more job')}
        </button>
      )}
    </>
  );
}
