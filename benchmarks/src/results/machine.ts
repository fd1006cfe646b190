import { cpus, loadavg, release, totalmem } from 'node:os';

/** The machine and the moment that figures belong to, and how busy it was: beyond its cores, times are too long. */
export function describeMachine(now: Date): string {
  const [first] = cpus();
  const [, , load = 0] = loadavg();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${first?.model.trim() ?? 'unknown processor'}, ${memory} GB, Linux ${release()}, Node ${process.version}, ${now.toISOString().slice(0, 10)}, load average ${load.toFixed(1)}`;
}
