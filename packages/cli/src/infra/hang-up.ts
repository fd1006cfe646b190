import { closeSync, fstatSync, statSync } from 'node:fs';
import { isatty } from 'node:tty';

/**
 * Lets go of standard streams whose terminal is gone. At its end Node gives each terminal back as it was, and where that
 * fails it aborts, which the system takes for a crash and writes all memory down for. Called when the process exits.
 */
export function letGoneTerminalsGo(): void {
  for (const descriptor of [0, 1, 2]) {
    try {
      const device = fstatSync(descriptor);
      const mayBeTerminal = device.isCharacterDevice() && device.rdev !== statSync('/dev/null').rdev;
      if (mayBeTerminal && !isatty(descriptor)) closeSync(descriptor);
    } catch {
      // It is closed already, or the system has no such devices: nothing is given back.
    }
  }
}
