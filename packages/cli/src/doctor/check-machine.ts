import { sqliteVersion } from '@localize/runner';
import { type Finding, fail, ok } from './finding.js';

/** As `engines` in package.json has it. */
const LEAST_NODE = [20, 19] as const;

/** The program that runs us and the database that keeps the state. */
export function checkMachine(nodeVersion: string = process.versions.node): Finding[] {
  return [checkNode(nodeVersion), checkSqlite()];
}

function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_NODE;
  const isEnough = major > leastMajor || (major === leastMajor && minor >= leastMinor);
  return isEnough
    ? ok('Node', version)
    : fail('Node', `${version} is too old`, `install Node ${LEAST_NODE.join('.')} or newer`);
}

function checkSqlite(): Finding {
  try {
    return ok('SQLite', sqliteVersion());
  } catch (error) {
    // The rest lists every folder that was looked into.
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    const mend = 'install again with this Node, install scripts allowed: its native part is not built, or for another';
    return fail('SQLite', why, mend);
  }
}
