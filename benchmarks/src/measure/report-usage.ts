import { writeFileSync } from 'node:fs';

/**
 * Loaded into a measured process with `node --import`: what the process has used by its end goes to the file that
 * `BENCH_USAGE` names. Only the process itself counts, with all of its threads and none of its children.
 */
const file = process.env.BENCH_USAGE;
if (file !== undefined) {
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    writeFileSync(file, JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMb: maxRSS / 1024 }));
  });
}
