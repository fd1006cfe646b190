import PQueue from 'p-queue';

/** Parts under way to one bucket, of all files together: their number is what bounds memory. */
const AT_ONCE = 4;

/**
 * What parts are held in while they are sent: a few buffers that are lent, come back and are lent again. Who waits for one
 * has read nothing yet.
 */
export class PartBuffers {
  readonly #lent = new PQueue({ concurrency: AT_ONCE });
  #free: Buffer[] = [];

  constructor() {
    this.#lent.on('idle', () => {
      this.#free = [];
    });
  }

  /** @param work has the buffer, of `bytes`, until it ends */
  lend<T>(bytes: number, work: (buffer: Buffer) => Promise<T>): Promise<T> {
    return this.#lent.add(async () => {
      const known = this.#free.pop();
      const buffer = known !== undefined && known.length >= bytes ? known : Buffer.allocUnsafeSlow(bytes);
      try {
        return await work(buffer.subarray(0, bytes));
      } finally {
        this.#free.push(buffer);
      }
    });
  }
}
