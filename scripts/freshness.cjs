'use strict';

// CommonJS, and no import beyond these two: this runs before every command, and each module that Node loads is time.
const { existsSync, readdirSync, readFileSync, statSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

/** Inside node_modules: whoever removes the packages removes the claim that they are fresh. */
const STAMP = 'node_modules/.localize-stamp.json';
const NOT_SOURCES = new Set(['node_modules', 'dist', 'bundle', 'test', 'testing', '.turbo', 'coverage']);
/** What the launcher starts, made by the last step of the build. */
const COMMAND = 'packages/cli/dist/launch/main.cjs';

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
function readFreshness(root) {
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
function writeStamp(root, stamp) {
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
    packages: facts(root, ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc', ...manifests]),
    sources: facts(root, ['turbo.json', 'tsconfig.base.json', ...sources]),
  };
}

function packageNames(root) {
  return readdirSync(join(root, 'packages'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, 'packages', entry.name, 'package.json')))
    .map((entry) => entry.name)
    .sort();
}

function isBuilt(root) {
  return (
    existsSync(join(root, COMMAND)) &&
    packageNames(root).every((name) => existsSync(join(root, 'packages', name, 'dist')))
  );
}

function filesUnder(root, folder) {
  const files = [];
  for (const entry of readdirSync(`${root}/${folder}`, { withFileTypes: true })) {
    if (NOT_SOURCES.has(entry.name)) continue;
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) files.push(...filesUnder(root, path));
    else files.push(path);
  }
  return files.sort();
}

/** As it stands: to compare some kilobytes is quicker than to load a hash. */
function facts(root, paths) {
  return paths
    .map((path) => {
      const file = statSync(`${root}/${path}`, { throwIfNoEntry: false });
      return `${path} ${file ? `${file.size} ${file.mtimeMs}` : 'absent'}`;
    })
    .join('\n');
}

module.exports = { COMMAND, readFreshness, writeStamp };
