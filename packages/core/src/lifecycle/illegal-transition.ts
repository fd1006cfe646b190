/** A bug of ours: some code asked for a move that the lifecycle tables do not have. */
export class IllegalTransitionError extends Error {
  override readonly name = 'IllegalTransitionError';
  readonly subject: 'job' | 'attempt';
  readonly from: string;
  readonly event: string;

  constructor(subject: 'job' | 'attempt', from: string, event: string) {
    super(`a ${subject} that is ${from} has no place for the event ${event}`);
    this.subject = subject;
    this.from = from;
    this.event = event;
  }
}
