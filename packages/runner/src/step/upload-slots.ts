import PQueue from 'p-queue';

/** Uploads to one destination that run at once, and how many of these places only small files get. */
const AT_ONCE = 6;
const KEPT_FOR_SMALL = 2;
/** About a quarter of a minute on a line of 10 Mbit/s. */
const SMALL_BYTES = 16_000_000;

/**
 * Uploads by destination, a few at once. Large files never take all places: a short clip does not wait behind films, and
 * one destination never waits for another.
 */
export class UploadSlots {
  readonly #byDestination = new Map<string, { readonly all: PQueue; readonly large: PQueue }>();

  run<T>(destination: string, bytes: number, work: () => Promise<T>): Promise<T> {
    const { all, large } = this.#queues(destination);
    if (bytes <= SMALL_BYTES) return all.add(work, { priority: 1 });
    return large.add(() => all.add(work));
  }

  #queues(destination: string) {
    const known = this.#byDestination.get(destination);
    if (known !== undefined) return known;
    const made = {
      all: new PQueue({ concurrency: AT_ONCE }),
      large: new PQueue({ concurrency: AT_ONCE - KEPT_FOR_SMALL }),
    };
    this.#byDestination.set(destination, made);
    return made;
  }
}
