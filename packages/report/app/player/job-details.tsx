import type { JobSnapshot } from '@localize/core';
import { Fragment } from 'preact';
import {
  type AttemptRow,
  attemptRows,
  changedFields,
  type JobRow,
  outputChecks,
  takenWords,
} from '../../src/view-model/index.js';
import { Command } from '../parts/command.js';
import { StateIcon } from '../parts/state-icon.js';

interface Props {
  readonly row: JobRow;
  readonly job: JobSnapshot;
  /** Whose clocks say when. */
  readonly timeZone: string;
  /** Sees how it was made and what it cost. */
  readonly isOwner: boolean;
}

/** Everything that is known of one job. */
export function JobDetails({ row, job, timeZone, isOwner }: Props) {
  const attempts = attemptRows(job, timeZone);
  return (
    <>
      <dl class="facts">
        {isOwner && (
          <Fact name="State">
            <span class="state">
              <StateIcon state={row.look} /> {row.stateName}
            </span>
          </Fact>
        )}
        {isOwner && <HeldVideo row={row} />}
        {job.outputSha256 !== null &&
          outputChecks(job).map((check) => (
            <Fact key={check.name} name={isHeldBeside(row) ? `${check.name} of the held one` : check.name}>
              <span class={`check-${check.result}`}>{check.text}</span>
            </Fact>
          ))}
        {isOwner && (
          <>
            <Fact name="Billed">{row.billed}</Fact>
            <Fact name="Estimated">{row.estimated}</Fact>
            <Fact name="Route">{row.route}</Fact>
            {job.takenFrom && <Fact name="Video">{takenWords(job.takenFrom)}</Fact>}
          </>
        )}
        {row.labels !== '' && <Fact name="Labels">{row.labels}</Fact>}
        {row.review !== null && <Fact name="Review">{row.reviewText}</Fact>}
        {isOwner && job.changed && <Fact name="Differs from the manifest">{changedFields(job.changed)}</Fact>}
        {isOwner && row.redo !== null && <Fact name="Redo">{row.redo}</Fact>}
        {isOwner && row.sha256 !== null && (
          <Fact name={isHeldBeside(row) ? 'SHA-256 of the held one' : 'SHA-256'}>
            <code class="hash">{row.sha256}</code>
          </Fact>
        )}
      </dl>
      {/* Without a video its place says it. */}
      {row.reason !== null && row.absence === null && <p class="reason">{row.reason}</p>}
      <Remarks remarks={row.remarks} title="What reviewers said" />
      <Remarks
        remarks={row.earlierRemarks}
        title={
          row.look === 'held' && row.earlier === null
            ? 'What they said of this or an earlier video'
            : 'What they said of an earlier video'
        }
      />
      {row.command !== null && <Command text={row.command} />}
      {attempts.length > 0 && <Attempts attempts={attempts} />}
    </>
  );
}

/** What was bought is held, and the place of the video has the one before it. */
function isHeldBeside({ earlier, output }: JobRow): boolean {
  return earlier !== null && output !== null;
}

function HeldVideo({ row }: { readonly row: JobRow }) {
  const { outputUrl, output } = row;
  if (!isHeldBeside(row)) return null;
  return (
    <Fact name="The one that is held">
      {outputUrl === null ? <bdi>{output}</bdi> : <a href={outputUrl}>{output}</a>}
    </Fact>
  );
}

function Remarks({ remarks, title }: { readonly remarks: readonly string[]; readonly title: string }) {
  if (remarks.length === 0) return null;
  return (
    <>
      <h3 class="remarks-title">{title}</h3>
      <ul class="remarks">
        {remarks.map((remark) => (
          <li key={remark}>{remark}</li>
        ))}
      </ul>
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Attempts({ attempts }: { readonly attempts: readonly AttemptRow[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section class="scroll-x" tabIndex={0} aria-label="Attempts">
      <table class="figures">
        <thead>
          <tr>
            <th scope="col">Attempt</th>
            <th scope="col">State</th>
            <th scope="col" class="number">
              Money
            </th>
            <th scope="col">Started</th>
            <th scope="col" class="number">
              Took
            </th>
            <th scope="col">Where it went</th>
          </tr>
        </thead>
        <tbody>
          {attempts.map((attempt) => (
            <Fragment key={attempt.id}>
              <tr>
                <th scope="row">
                  {attempt.route}
                  <span class="muted"> {attempt.lane}</span>
                </th>
                <td>{attempt.state}</td>
                <td class="number">{attempt.money}</td>
                <td>{attempt.started}</td>
                <td class="number">{attempt.took}</td>
                <td class="muted wrap">{attempt.phases}</td>
              </tr>
              {attempt.failure !== null && (
                <tr>
                  <td class="wrap went-wrong" colSpan={6}>
                    {attempt.failure}
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </section>
  );
}
