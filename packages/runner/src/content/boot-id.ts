import { readFileSync } from 'node:fs';

/** What tells this boot of the machine from all others; `null` where the system does not say. */
export function bootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() || null;
  } catch {
    // Not Linux.
    return null;
  }
}
