import { useState } from 'preact/hooks';
import { type Attention, type AttentionGroup, formatCount, formatMoney } from '../../src/view-model/index.js';
import { Command } from '../parts/command.js';
import { StateIcon } from '../parts/state-icon.js';

/** So many jobs of one reason are shown before a person asks for more. */
const FIRST_ITEMS = 3;
const MORE_ITEMS = 100;

interface Props {
  readonly attention: Attention;
  readonly manifest: string;
}

/** What needs a person: each reason once, with its jobs, the amount at risk and the command that mends it. */
export function AttentionList({ attention, manifest }: Props) {
  const { groups, closedLanes } = attention;
  if (groups.length + closedLanes.length === 0) return <p class="calm">Nothing needs a person.</p>;
  return (
    <>
      <h3>Needs a person</h3>
      <ul class="attention">
        {closedLanes.map((lane) => (
          <li key={lane.lane} class="attention-group">
            <p class="attention-title">
              <StateIcon state="failed" />
              <strong>
                {lane.provider} takes no new work on <code>{lane.lane}</code>
              </strong>
            </p>
            <p class="muted">{lane.reason}. Mend the key or top up, then run again:</p>
            <Command text={`localize ${manifest}`} />
          </li>
        ))}
        {groups.map((group) => (
          <AttentionCard key={`${group.state} ${group.title}`} group={group} />
        ))}
      </ul>
    </>
  );
}

function AttentionCard({ group }: { readonly group: AttentionGroup }) {
  const [shown, setShown] = useState(FIRST_ITEMS);
  const rest = group.items.length - shown;
  return (
    <li class="attention-group">
      <p class="attention-title">
        <StateIcon state={group.state === 'waiting' ? 'pending' : group.state} />
        <strong>{group.title}</strong>
        <span class="muted">
          {formatCount(group.items.length, 'job')} {group.state}
        </span>
        <AttentionMoney group={group} />
      </p>
      {group.mendsItself && <p class="muted">The next run looks again by itself.</p>}
      <ul class="attention-items">
        {group.items.slice(0, shown).map((item) => (
          <li key={item.key}>
            <bdi class="job-key">{item.key}</bdi>
            {item.detail !== null && <span class="muted"> {item.detail}</span>}
            {item.command !== null && group.command === null && <Command text={item.command} />}
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <button type="button" class="quiet" onClick={() => setShown(shown + MORE_ITEMS)}>
          Show {formatCount(Math.min(rest, MORE_ITEMS), 'more job')}
        </button>
      )}
      {group.command !== null && <Command text={group.command} />}
    </li>
  );
}

function AttentionMoney({ group }: { readonly group: AttentionGroup }) {
  if (group.atRiskMicros === null) return <span class="tag tag-warn">unknown amount at risk</span>;
  return (
    <>
      {group.atRiskMicros > 0 && <span class="tag tag-warn">{formatMoney(group.atRiskMicros)} at risk</span>}
      {group.billedMicros > 0 && <span class="tag">{formatMoney(group.billedMicros)} billed</span>}
    </>
  );
}
