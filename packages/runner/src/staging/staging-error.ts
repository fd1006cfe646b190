/** Why a file could not be staged. The message holds no signed URL. */
export class StagingError extends Error {
  override readonly name = 'StagingError';
  /** Trying again would end the same way until a person has mended something. */
  readonly lasting: boolean;
  /** It is the file that is not as it was to be: the storage has not failed. */
  readonly ofFile: boolean;

  constructor(message: string, options: { lasting: boolean; ofFile?: boolean; cause?: unknown }) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.lasting = options.lasting;
    this.ofFile = options.ofFile ?? false;
  }
}
