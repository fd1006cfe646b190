import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Variables } from '../keys/read-environment.js';

/**
 * Where a user's programs keep what they can make again: `$XDG_CACHE_HOME/localize`, by default below `~/.cache`; on macOS
 * `~/Library/Caches/localize`, on Windows `%LOCALAPPDATA%\localize\cache`.
 */
export function userCacheFolder(variables: Variables, platform: NodeJS.Platform = process.platform): string {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local, HOME: home } = variables;
  const own = home || homedir();
  if (xdg) return join(xdg, 'localize');
  if (platform === 'win32') return join(local || join(own, 'AppData', 'Local'), 'localize', 'cache');
  return join(own, ...(platform === 'darwin' ? ['Library', 'Caches'] : ['.cache']), 'localize');
}
