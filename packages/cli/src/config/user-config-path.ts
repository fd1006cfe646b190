import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Variables } from '../keys/read-environment.js';

/**
 * Where a user's own settings lie: `$XDG_CONFIG_HOME/localize/config.yaml`, by default below `~/.config`; on Windows
 * `%APPDATA%\localize\config.yaml`.
 */
export function userConfigPath(variables: Variables, platform: NodeJS.Platform = process.platform): string {
  const { XDG_CONFIG_HOME: xdg, APPDATA: appData, HOME: home } = variables;
  const own = home || homedir();
  const base = xdg || (platform === 'win32' ? appData || join(own, 'AppData', 'Roaming') : join(own, '.config'));
  return join(base, 'localize', 'config.yaml');
}
