import { dirname, resolve } from 'node:path';
import type { FoundUserConfig } from '../config/read-user-config.js';
import { originOf, readEnvironment, type Variables } from '../keys/read-environment.js';

/** A state database that somebody has named, and where. */
export interface ChosenState {
  /** Absolute. */
  readonly path: string;
  /** In words. */
  readonly origin: string;
}

export interface StateChoices {
  readonly cwd: string;
  /** As the command line has it. */
  readonly state?: string | undefined;
  readonly variables: Variables;
  readonly ownConfig: FoundUserConfig | null;
}

const VARIABLE = 'LOCALIZE_STATE';

/** The flag comes before the environment, that before the user's own settings; `null` when none of them names one. */
export function chooseState(manifestPath: string, choices: StateChoices): ChosenState | null {
  const { cwd, state, variables, ownConfig } = choices;
  if (state !== undefined) return { path: resolve(cwd, state), origin: '--state' };
  const origin = originOf(VARIABLE, manifestPath, variables);
  if (origin !== null) {
    const written = readEnvironment(manifestPath, variables)[VARIABLE]?.trim() ?? '';
    // What a file says starts where the file lies.
    const base = origin === 'the environment' ? cwd : dirname(manifestPath);
    return { path: resolve(base, written), origin: `${VARIABLE}, from ${origin}` };
  }
  return ownConfig?.state ? { path: ownConfig.state, origin: ownConfig.path } : null;
}
