/** A key that means itself to a shell and to `--only`. */
const RETRY_OF_ONE = /^(localize retry .+ --only )([\p{L}\p{N}._/-]+)$/u;
/** Longer commands are no longer looked over before they are run. */
const MOST_JOBS = 100;

/** The command for several jobs at once whose own commands differ in the job alone; `null` where there is none. */
export function mendTogether(commands: readonly (string | null)[]): string | null {
  if (commands.length < 2 || commands.length > MOST_JOBS) return null;
  const starts = new Set<string>();
  const keys: string[] = [];
  for (const command of commands) {
    const [, start, key] = RETRY_OF_ONE.exec(command ?? '') ?? [];
    if (start === undefined || key === undefined) return null;
    starts.add(start);
    keys.push(key);
  }
  const [start] = starts;
  return starts.size === 1 && start !== undefined ? `${start}${keys.join(',')}` : null;
}
