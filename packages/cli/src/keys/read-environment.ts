import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';

export type Variables = Readonly<Record<string, string | undefined>>;

/** The environment with `.env` beside the manifest beneath it: what is really set wins. */
export function readEnvironment(manifestPath: string, variables: Variables): Variables {
  return { ...readEnvFile(join(dirname(manifestPath), '.env')), ...withoutEmpty(variables) };
}

/** Where a variable's value comes from, in words; `null` when it is not set. */
export function originOf(name: string, manifestPath: string, variables: Variables): string | null {
  if (withoutEmpty(variables)[name]?.trim()) return 'the environment';
  return envFileOf(name, manifestPath, variables);
}

/** The `.env` file that a variable's value is from; `null` when it is from elsewhere or not set. */
export function envFileOf(name: string, manifestPath: string, variables: Variables): string | null {
  if (withoutEmpty(variables)[name] !== undefined) return null;
  const path = join(dirname(manifestPath), '.env');
  return readEnvFile(path)[name]?.trim() ? path : null;
}

function readEnvFile(path: string): Variables {
  try {
    // Some editors begin a file with a mark that would be part of the first name.
    return parseEnv(readFileSync(path, 'utf8').replace(/^\uFEFF/, '')) as Variables;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'EISDIR') return {};
    throw error;
  }
}

/** An empty variable is how shells and CI systems say "not set". */
function withoutEmpty(variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''));
}
