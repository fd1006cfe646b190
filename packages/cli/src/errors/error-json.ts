import { ERRORS, EXIT, type ExitCode, LocalizeError, type ManifestIssue } from '@localize/core';
import { ManifestInvalid } from './manifest-invalid.js';

/** An error as `--json` tells it: one object on standard output, in the place of what the command would have told. */
export interface ErrorJson {
  readonly type: 'error';
  /** A code of `docs/errors.md`. */
  readonly code: string;
  readonly message: string;
  /** What mends it, for people; `null` where `issues` say it. */
  readonly mend: string | null;
  readonly exit: ExitCode;
  /** Every mistake of a manifest. */
  readonly issues?: readonly ManifestIssue[];
}

export function errorJson(error: unknown): ErrorJson {
  if (error instanceof ManifestInvalid) {
    const { message, issues } = error;
    return { type: 'error', code: 'MANIFEST_INVALID', message, mend: null, exit: EXIT.usage, issues };
  }
  if (error instanceof LocalizeError) {
    const { code, message, hint } = error;
    return { type: 'error', code, message, mend: hint, exit: ERRORS[code].exit };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { type: 'error', code: 'INTERNAL', message, mend: null, exit: EXIT.machine };
}
