/** Why something did not work; few and typed. */
export const FAILURE_KINDS = [
  'invalid-input',
  'rejected-content',
  'auth',
  'payment',
  'rate-limit',
  'provider',
  'network',
  'storage',
  'uncertain',
] as const;

export type FailureKind = (typeof FAILURE_KINDS)[number];

export interface Failure {
  readonly kind: FailureKind;
  /** The provider's own words or ours, one line, without secrets, signed queries or control characters. */
  readonly message: string;
  /** The provider's own code or type, if it gave one. */
  readonly code?: string | undefined;
  readonly httpStatus?: number | undefined;
  /** How long the server asked us to wait. */
  readonly retryAfterMs?: number | undefined;
  /** What the provider says of trying the same again; absent when it says nothing. */
  readonly retryable?: boolean | undefined;
}
