import type { Failure, HoldReason } from '@localize/core';

/** What went wrong while nothing had been bought, and how the job waits for it. */
export class StagingFailure extends Error {
  readonly failure: Failure;
  readonly holdReason: HoldReason;
  /** Trying the same again would end the same way until a person has mended something. */
  readonly lasting: boolean;
  /** It says nothing of the file: where it was to go took nothing. */
  readonly ofPlace: boolean;

  constructor(failure: Failure, holdReason: HoldReason, lasting: boolean, ofPlace = false) {
    super(failure.message);
    this.failure = failure;
    this.holdReason = holdReason;
    this.lasting = lasting;
    this.ofPlace = ofPlace;
  }
}
