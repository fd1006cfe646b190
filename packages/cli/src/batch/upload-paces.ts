import type { RunEvent, UploadPace } from '@localize/runner';

/** What is known of the uploads to one destination. */
interface Pace {
  /** What arrived while it was watched, and in how many milliseconds in which something was on its way. */
  bytes: number;
  busyMs: number;
  /** Since when something is on its way, as far as it is counted. */
  atMs: number;
  /** Bytes that have arrived of files that are on their way, by name. */
  readonly onWay: Map<string, number>;
}

/** What was seen longer ago than this counts less and less: lines get faster and slower. */
const REMEMBERED_MS = 60_000;

/** How fast uploads are, by destination, from what a run tells of them. */
export class UploadPaces {
  readonly #paces = new Map<string, Pace>();

  onEvent(event: RunEvent): void {
    if (event.type !== 'upload:progress' && event.type !== 'upload:done' && event.type !== 'upload:failed') return;
    const { destination, file, atMs } = event;
    const pace = this.#paces.get(destination) ?? { bytes: 0, busyMs: 0, atMs, onWay: new Map() };
    this.#paces.set(destination, pace);
    const before = pace.onWay.get(file);
    // Nobody saw when the first part of a file left.
    if (event.type !== 'upload:failed' && before !== undefined) pace.bytes += Math.max(0, event.bytes - before);
    if (pace.onWay.size > 0) pace.busyMs += Math.max(0, atMs - pace.atMs);
    pace.atMs = atMs;
    if (event.type === 'upload:progress') pace.onWay.set(file, event.bytes);
    else pace.onWay.delete(file);
    if (pace.busyMs <= REMEMBERED_MS) return;
    pace.busyMs /= 2;
    pace.bytes /= 2;
  }

  of(destination: string): UploadPace {
    const pace = this.#paces.get(destination);
    if (pace === undefined) return { bytesPerMs: null, sentBytes: 0 };
    const sentBytes = [...pace.onWay.values()].reduce((sum, bytes) => sum + bytes, 0);
    return { bytesPerMs: pace.busyMs > 0 && pace.bytes > 0 ? pace.bytes / pace.busyMs : null, sentBytes };
  }
}
