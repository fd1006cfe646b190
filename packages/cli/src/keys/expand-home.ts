import { homedir } from 'node:os';
import type { Variables } from './read-environment.js';

/** `~/keys` as a shell would read it. */
export function expandHome(path: string, variables: Variables): string {
  return path.replace(/^~(?=$|[/\\])/, () => variables.HOME || homedir());
}
