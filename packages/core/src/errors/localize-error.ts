import type { ErrorCode } from './catalogue.js';

/**
 * An error that the user can act on. It prints as its code, what is wrong and what would mend it, never with a stack.
 * Anything else that is thrown is a bug of ours and prints with one.
 */
export class LocalizeError extends Error {
  override readonly name = 'LocalizeError';
  readonly code: ErrorCode;
  /** The next command or edit. */
  readonly hint: string | null;
  /** Lines that show where it is wrong, laid out; empty where there is nothing to show. */
  readonly details: string;

  constructor(code: ErrorCode, message: string, options: { hint?: string; details?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? null;
    this.details = options.details ?? '';
  }
}
