import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Inside node_modules: whoever removes the packages removes the claim that they are fresh. */
const STAMP = 'node_modules/.localize-stamp.json';
const NOT_SOURCES = new Set(['node_modules', 'dist', 'bundle', 'test', 'testing', '.turbo', 'coverage']);

/**
 * What the last preparation was made from. `runtime`: native addons fit one ABI; `packages`: what the install depends
 * on; `sources`: what the build depends on. Files count by path, size and modification time.
 *
 * @typedef {{ runtime: string, packages: string, sources: string }} Stamp
 */

/**
 * @param {string} root
 * @returns {{ fresh: boolean, install: boolean, build: boolean, first: boolean, stamp: Stamp }}
 */
export function readFreshness(root) {
  const stamp = currentStamp(root);
  const last = readStamp(root);
  const install =
    last === null ||
    last.runtime !== stamp.runtime ||
    last.packages !== stamp.packages ||
    !existsSync(join(root, 'node_modules/.modules.yaml'));
  const build = install || last.sources !== stamp.sources || !isBuilt(root);
  return { fresh: !install && !build, install, build, first: last === null, stamp };
}

/**
 * @param {string} root
 * @param {Stamp} stamp taken before the work began, so that a file changed meanwhile counts as changed
 */
export function writeStamp(root, stamp) {
  writeFileSync(join(root, STAMP), `${JSON.stringify(stamp)}\n`);
}

/** @returns {Stamp | null} */
function readStamp(root) {
  try {
    return JSON.parse(readFileSync(join(root, STAMP), 'utf8'));
  } catch {
    return null;
  }
}

/** @returns {Stamp} */
function currentStamp(root) {
  const names = packageNames(root);
  const manifests = names.map((name) => `packages/${name}/package.json`);
  const sources = names.flatMap((name) => filesUnder(root, `packages/${name}`));
  return {
    runtime: `${process.platform}-${process.arch}-abi${process.versions.modules}`,
    packages: digest(root, ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc', ...manifests]),
    sources: digest(root, ['turbo.json', 'tsconfig.base.json', ...sources]),
  };
}

function packageNames(root) {
  return readdirSync(join(root, 'packages'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, 'packages', entry.name, 'package.json')))
    .map((entry) => entry.name)
    .sort();
}

function isBuilt(root) {
  return packageNames(root).every((name) => existsSync(join(root, 'packages', name, 'dist')));
}

function filesUnder(root, folder) {
  const files = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (NOT_SOURCES.has(entry.name)) continue;
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) files.push(...filesUnder(root, path));
    else files.push(path);
  }
  return files.sort();
}

function digest(root, paths) {
  const hash = createHash('sha1');
  for (const path of paths) {
    const facts = statSync(join(root, path), { throwIfNoEntry: false });
    hash.update(`${path}\0${facts ? `${facts.size}\0${facts.mtimeMs}` : 'absent'}\n`);
  }
  return hash.digest('hex');
}
