/** What a rival is asked to do; handed over as JSON in its first argument. */
export interface RivalOrder {
  readonly baseUrl: string;
  readonly key: string;
  readonly video: string;
  readonly audio: string;
  readonly count: number;
  readonly concurrent: number;
  /** Creates in any `perMs` milliseconds; absent: as many as there are. */
  readonly limit?: { readonly creates: number; readonly perMs: number };
  readonly pollFirstMs: number;
  readonly pollEveryMs: number;
  /** Where the outputs go. */
  readonly folder: string;
  /** Socket of a running Redis, for who needs one. */
  readonly redis?: string;
}

export function readOrder(): RivalOrder {
  return JSON.parse(process.argv[2] ?? '') as RivalOrder;
}
