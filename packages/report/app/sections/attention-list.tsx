import { useState } from 'preact/hooks';
import {
  type Attention,
  type AttentionGroup,
  type ChangedVideos,
  type ClosedLane,
  FOR_NEXT_RUN,
  formatCount,
  LEFT_TO_DO,
  type LeftVideos,
  nobodyIsNeeded,
  type ReviewGroup,
  stakeWords,
} from '../../src/view-model/index.js';
import { Command } from '../parts/command.js';
import { StateIcon } from '../parts/state-icon.js';
import { usePrinting } from '../virtual/use-printing.js';

/** So many jobs of one reason are shown before a person asks for more. */
const FIRST_ITEMS = 3;
const MORE_ITEMS = 100;
const MOST_PRINTED = 200;

interface Props {
  readonly attention: Attention;
  readonly changed: ChangedVideos | null;
  readonly left: LeftVideos | null;
  readonly manifest: string;
  readonly onShowJob: (key: string) => void;
}

/** What needs a person, then what the next run looks at again: each reason once, with its jobs and the command that mends it. */
export function AttentionList({ attention, changed, left, manifest, onShowJob }: Props) {
  const { groups, forNextRun, closedLanes, reviews } = attention;
  const isNobodyNeeded = nobodyIsNeeded(attention);
  if (isNobodyNeeded && forNextRun.length === 0 && changed === null && left === null) return null;
  return (
    <div id="attention">
      {!isNobodyNeeded && (
        <>
          <h3>Needs a person</h3>
          <ul class="attention">
            {closedLanes.map((lane) => (
              <ClosedLaneCard key={lane.lane} lane={lane} manifest={manifest} />
            ))}
            {groups.map((group) => (
              <AttentionCard key={`${group.state} ${group.title}`} group={group} onShowJob={onShowJob} />
            ))}
            {reviews.map((group) => (
              <ReviewCard key={group.title} group={group} onShowJob={onShowJob} />
            ))}
          </ul>
        </>
      )}
      {changed !== null && (
        <>
          <h3>Differs from the manifest</h3>
          <div class="redos changed-videos">
            <p>
              {changed.text}. This {changed.offer}:
            </p>
            <Command text={changed.command} />
          </div>
        </>
      )}
      {left !== null && (
        <>
          <h3>{LEFT_TO_DO}</h3>
          <div class="redos changed-videos">
            <p>{left.text}. To go on:</p>
            <Command text={left.command} />
          </div>
        </>
      )}
      {forNextRun.length > 0 && (
        <>
          <h3>{FOR_NEXT_RUN}</h3>
          <ul class="attention">
            {forNextRun.map((group) => (
              <AttentionCard key={`${group.state} ${group.title}`} group={group} onShowJob={onShowJob} />
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function ClosedLaneCard({ lane, manifest }: { readonly lane: ClosedLane; readonly manifest: string }) {
  return (
    <li class="attention-group">
      <p class="attention-title">
        <StateIcon state="failed" />
        <strong>
          {lane.provider} takes no new work on <code>{lane.lane}</code>
        </strong>
      </p>
      <div class="attention-item">
        <p class="muted">{lane.reason}. Mend the key or top up, then run again:</p>
        <Command text={`localize ${manifest}`} />
      </div>
    </li>
  );
}

interface CardProps<Group> {
  readonly group: Group;
  readonly onShowJob: (key: string) => void;
}

/** Leads to the job in the table, where its video is a click away. */
function JobKey({ name, onShowJob }: { readonly name: string; readonly onShowJob: (key: string) => void }) {
  return (
    <button
      type="button"
      class="job-key"
      aria-label={`${name}: show it among the jobs`}
      onClick={() => onShowJob(name)}
    >
      <bdi>{name}</bdi>
    </button>
  );
}

/** The first of a list that may be long, and more each time that a person asks; on paper, many at once. */
function useFirst<Item>(items: readonly Item[]) {
  const [asked, setAsked] = useState(FIRST_ITEMS);
  const count = usePrinting() ? Math.max(asked, MOST_PRINTED) : asked;
  return {
    shown: items.slice(0, count),
    rest: items.length - count,
    showMore: () => setAsked(asked + MORE_ITEMS),
  };
}

function ShowMore({ rest, onMore }: { readonly rest: number; readonly onMore: () => void }) {
  if (rest <= 0) return null;
  return (
    <button type="button" class="quiet" onClick={onMore}>
      Show {formatCount(Math.min(rest, MORE_ITEMS), 'more job')}
    </button>
  );
}

function ReviewCard({ group: { title, items }, onShowJob }: CardProps<ReviewGroup>) {
  const { shown, rest, showMore } = useFirst(items);
  return (
    <li class="attention-group">
      <p class="attention-title">
        <StateIcon state="held" />
        <strong>{title}</strong>
      </p>
      <ul>
        {shown.map(({ key, detail, command }) => (
          <li key={key} class="attention-item">
            <p>
              <JobKey name={key} onShowJob={onShowJob} />
              {detail !== null && <span class="muted"> {detail}</span>}
            </p>
            <Command text={command} />
          </li>
        ))}
      </ul>
      <ShowMore rest={rest} onMore={showMore} />
    </li>
  );
}

function AttentionCard({ group, onShowJob }: CardProps<AttentionGroup>) {
  const { shown, rest, showMore } = useFirst(group.items);
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
      <div class={group.command === null ? '' : 'attention-item'}>
        <ul>
          {shown.map((item) => (
            <li key={item.key} class={group.command === null ? 'attention-item' : 'attention-key'}>
              <p>
                <JobKey name={item.key} onShowJob={onShowJob} />
                {item.detail !== null && <span class="muted"> {item.detail}</span>}
                {/* Of one job alone the title says it. */}
                {group.items.length > 1 && <span class="muted">{stakeWords(item).map((words) => ` · ${words}`)}</span>}
              </p>
              {item.command !== null && group.command === null && <Command text={item.command} />}
            </li>
          ))}
        </ul>
        {group.command !== null && <Command text={group.command} />}
      </div>
      {group.together !== null && (
        <div class="attention-item">
          <p class="muted">{group.together.title}:</p>
          <Command text={group.together.command} />
        </div>
      )}
      <ShowMore rest={rest} onMore={showMore} />
    </li>
  );
}

function AttentionMoney({ group }: { readonly group: AttentionGroup }) {
  return (
    <>
      {stakeWords(group).map((words) => (
        <span key={words} class={words.endsWith('billed') ? 'tag' : 'tag tag-warn'}>
          {words}
        </span>
      ))}
    </>
  );
}
