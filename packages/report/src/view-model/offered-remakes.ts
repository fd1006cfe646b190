import { type JobSnapshot, plainText, type SnapshotFrame } from '@localize/core';
import { batchCommand } from './batch-command.js';
import { type ChangedVideos, changedWords, isChanged } from './changed-videos.js';
import { formatCount, formatNumber } from './format.js';
import { RemakePrice } from './remake-price.js';
import { isWaitingRedo } from './review-words.js';
import type { Tally } from './tally.js';

/** Videos that wait to be made again, with the command that does it. */
export interface WaitingRedos {
  readonly text: string;
  readonly command: string;
}

/** What a run buys again once it is told `--remake`. */
export interface OfferedRemakes {
  /** `null` where all finished videos are as the manifest asks. */
  readonly changed: ChangedVideos | null;
  /** `null` where nothing waits that can be made again. */
  readonly redos: WaitingRedos | null;
}

/**
 * Both kinds together: one command buys what differs from the manifest and what reviewers want made again, so that the price
 * of one kind alone is not what it costs.
 */
export class RemakesTally implements Tally<OfferedRemakes> {
  readonly #frame: SnapshotFrame;
  readonly #changed: RemakePrice;
  readonly #approved: RemakePrice;
  readonly #asked: RemakePrice;
  readonly #agreed: RemakePrice;
  /** Of what differs and is not approved, and of the redos that no run was told of. */
  readonly #all: RemakePrice;
  /** The same of what is approved, where nothing else differs. */
  readonly #allApproved: RemakePrice;
  readonly #fields = new Set<string>();
  /** Redos that a run was told of: agreed, or told of with what keeps them. */
  #told = 0;

  constructor(frame: SnapshotFrame) {
    const price = () => new RemakePrice(frame);
    this.#frame = frame;
    [this.#changed, this.#approved, this.#asked] = [price(), price(), price()];
    [this.#agreed, this.#all, this.#allApproved] = [price(), price(), price()];
  }

  add(job: JobSnapshot): void {
    this.#addChanged(job);
    this.#addRedo(job);
  }

  #addChanged(job: JobSnapshot): void {
    const { changed, marks } = job;
    if (!changed || !isChanged(job)) return;
    // One who approves is enough to keep it, as in a run, whatever others say.
    const isKept = marks?.some(({ verdict }) => verdict === 'approve');
    const prices = isKept ? [this.#approved, this.#allApproved] : [this.#changed, this.#all];
    for (const price of prices) price.add(job, changed.route ?? job.route, changed.estimateMicros);
    for (const field of changed.fields) this.#fields.add(plainText(field));
  }

  #addRedo(job: JobSnapshot): void {
    const { redo, remaking, orphaned } = job;
    if (!redo || !isWaitingRedo(job) || orphaned) return;
    const [route, micros] = [redo.route ?? job.route, redo.estimateMicros ?? null];
    if (!remaking) {
      for (const price of [this.#asked, this.#all, this.#allApproved]) price.add(job, route, micros);
      return;
    }
    this.#told += 1;
    if (isNextRuns(job)) this.#agreed.add(job, route, micros);
  }

  result(): OfferedRemakes {
    return { changed: this.#changedVideos(), redos: this.#waitingRedos() };
  }

  #changedVideos(): ChangedVideos | null {
    const approved = this.#approved.count;
    const jobs = this.#changed.count + approved;
    if (jobs === 0) return null;
    // Approved ones alone: what a person would have to say to have them made again.
    const isApproved = this.#changed.count === 0;
    const [part, all] = isApproved ? [this.#approved, this.#allApproved] : [this.#changed, this.#all];
    const redos = this.#asked.count;
    const also = redos === 0 ? '' : `; it makes ${formatCount(redos, 'video')} again for reviewers too${inAll(all)}`;
    const kept = isApproved || approved === 0 ? '' : `; ${formatNumber(approved)} approved stay as they are`;
    return {
      all: jobs,
      count: part.count,
      approved,
      micros: part.micros,
      redos,
      commandMicros: all.micros,
      text: `${changedWords(jobs)} (${[...this.#fields].join(', ')})`,
      offer: `buys ${part.count === 1 ? 'it' : 'them'} again, for ${part.words}${also}${kept}${all.room}`,
      command: `${batchCommand(this.#frame)} --remake${isApproved ? ' --include-approved' : ''}`,
    };
  }

  #waitingRedos(): WaitingRedos | null {
    const [asked, agreed, changed] = [this.#asked.count, this.#agreed.count, this.#changed.count];
    const again = batchCommand(this.#frame);
    const own = `${agreed === 1 ? 'is' : 'are'} made again by the next run, as agreed, for ${this.#agreed.words}`;
    if (asked === 0) return agreed === 0 ? null : { text: `${formatCount(agreed, 'video')} ${own}`, command: again };
    const whose = this.#told === 0 ? formatCount(asked, 'video') : `${asked} of them`;
    const videos = `${whose} ${asked === 1 ? 'waits' : 'wait'}`;
    const also = changed === 0 ? '' : `; the command also buys ${whichDiffer(changed)} again${inAll(this.#all)}`;
    const beside = agreed === 0 ? '' : `; ${agreed} more ${own}`;
    return {
      text: `${videos} to be made again, for ${this.#asked.words}${also}${this.#all.room}${beside}`,
      command: `${again} --remake`,
    };
  }
}

function inAll({ words }: RemakePrice): string {
  return `, in all for ${words}`;
}

function whichDiffer(count: number): string {
  return count === 1
    ? 'the one that differs from the manifest'
    : `the ${formatNumber(count)} that differ from the manifest`;
}

/** What a run was told to make again the next one goes on with, where nothing keeps it: what does is told with its command. */
function isNextRuns({ remaking, waitsForMoney, waitsForAmount }: JobSnapshot): boolean {
  return (
    (remaking?.state === 'pending' || remaking?.state === 'staging') &&
    waitsForMoney === undefined &&
    waitsForAmount === undefined
  );
}
