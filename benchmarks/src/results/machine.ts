import { cpus, release, totalmem } from 'node:os';

/** The machine and the moment that figures belong to. */
export function describeMachine(now: Date): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${first?.model.trim() ?? 'unknown processor'}, ${memory} GB, Linux ${release()}, Node ${process.version}, ${now.toISOString().slice(0, 10)}`;
}
