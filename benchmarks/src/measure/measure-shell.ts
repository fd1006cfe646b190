import { run } from './run-process.js';

/**
 * Runs a shell command to its end: wall time, and user and system time of every process that it started, as bash's
 * `times` tells them.
 */
export async function measureShell(
  command: string,
  settings: { cwd: string; variables: Readonly<Record<string, string>> },
): Promise<{ wallMs: number; cpuMs: number }> {
  let last = '';
  const startedAt = performance.now();
  await run('bash', ['-c', `${command} >/dev/null && times`], {
    ...settings,
    onLine: (line) => {
      last = line;
    },
  });
  return { wallMs: performance.now() - startedAt, cpuMs: childTimesMs(last) };
}

/** The second line of `times`: `1m2.345s 0m6.789s`, user and system time of the children. */
export function childTimesMs(line: string): number {
  const times = [...line.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
  );
  if (times.length !== 2) throw new Error(`not the output of times: ${line}`);
  return times.reduce((sum, seconds) => sum + seconds, 0) * 1000;
}
