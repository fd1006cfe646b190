import { formatNumber } from './format.js';
import { mendWays } from './mend-command.js';

/** One command that does what those of several jobs do. */
export interface MendTogether {
  /** `All 12 at once`, `9 of them at once`. */
  readonly title: string;
  readonly command: string;
}

/** A key that means itself to a shell and to `--only`. */
const RETRY_OF_ONE = /^(localize retry .+ --only )([\p{L}\p{N}._/-]+)$/u;
/** Longer commands are no longer looked over before they are run. */
const MOST_JOBS = 100;

/**
 * The command for those of several jobs whose own commands, or the first of the ways that they name, differ in the job alone;
 * `null` where there are no two such.
 */
export function mendTogether(commands: readonly (string | null)[]): MendTogether | null {
  const starts = new Set<string>();
  const keys: string[] = [];
  for (const command of commands) {
    const [way] = command === null ? [] : mendWays(command);
    const [, start, key] = (way?.before === null && RETRY_OF_ONE.exec(way.command)) || [];
    if (start === undefined || key === undefined) continue;
    starts.add(start);
    keys.push(key);
  }
  const [start] = starts;
  if (keys.length < 2 || keys.length > MOST_JOBS || starts.size !== 1) return null;
  const title =
    keys.length === commands.length ? `All ${formatNumber(keys.length)} at once` : `${keys.length} of them at once`;
  return { title, command: `${start}${keys.join(',')}` };
}
