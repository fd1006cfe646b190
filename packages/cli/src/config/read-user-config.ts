import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  decodeText,
  formatIssues,
  LocalizeError,
  NO_USER_CONFIG,
  parseUserConfig,
  type SecretSource,
  type UserConfig,
} from '@localize/core';
import { catalogue } from '@localize/providers';
import { expandHome } from '../keys/expand-home.js';
import { loosePermissions } from '../keys/loose-permissions.js';
import type { Variables } from '../keys/read-environment.js';
import { userConfigPath } from './user-config-path.js';

/** A user's own settings, with where they were looked for. */
export interface FoundUserConfig extends UserConfig {
  readonly path: string;
  readonly exists: boolean;
}

/**
 * Reads the user's own settings; nothing is set where there is no such file.
 * @throws LocalizeError CONFIG_INVALID, CONFIG_UNSAFE
 */
export function readUserConfig(variables: Variables, options: { color: boolean }): FoundUserConfig {
  const path = userConfigPath(variables);
  const text = readText(path);
  if (text === null) return { ...NO_USER_CONFIG, path, exists: false };
  refuseForeignHands(path);
  const { config, issues } = parseUserConfig(text, { file: path, catalogue });
  if (config === null) {
    throw new LocalizeError('CONFIG_INVALID', `the user’s own settings have mistakes: ${path}`, {
      details: formatIssues(issues, text, options),
    });
  }
  const absolute = (written: string) => resolve(dirname(path), expandHome(written, variables));
  const keys = Object.entries(config.keys).map(([name, source]): [string, SecretSource] => [
    name,
    source.kind === 'file' ? { ...source, path: absolute(source.path) } : source,
  ]);
  const state = config.state === null ? null : absolute(config.state);
  return { ...config, keys: Object.fromEntries(keys), state, path, exists: true };
}

function readText(path: string): string | null {
  try {
    return decodeText(readFileSync(path));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new LocalizeError('CONFIG_INVALID', `the user’s own settings cannot be read: ${message}`, { cause: error });
  }
}

/** Its commands run with the user's rights, so nobody else may write it. */
function refuseForeignHands(path: string): void {
  if (!loosePermissions(path).writable) return;
  throw new LocalizeError('CONFIG_UNSAFE', `others may write ${path}, whose commands run as you`, {
    hint: `chmod go-w ${path}`,
  });
}
