import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';

export type Variables = Readonly<Record<string, string | undefined>>;

/** The environment with `.env` beside the manifest beneath it: what is really set wins. */
export function readEnvironment(manifestPath: string, variables: Variables): Variables {
  return { ...readEnvFile(join(dirname(manifestPath), '.env')), ...withoutEmpty(variables) };
}

function readEnvFile(path: string): Variables {
  try {
    return parseEnv(readFileSync(path, 'utf8')) as Variables;
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
