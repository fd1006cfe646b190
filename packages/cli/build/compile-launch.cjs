'use strict';

// `node compile-launch.cjs FOLDER` leaves V8's form of each file of the bundled command beside it, for the launcher. A process
// of its own, since V8 takes only what was made with the flags that the command has too.
const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { COMPILED, compiledForm, requireCompiled, scriptOf } = require('../../../scripts/require-compiled.cjs');

/** Commands, and the demuxer that they load later: they are loaded before, as V8 keeps what a file has run to be loaded as well. */
const LOADED = ['validate', 'plan', 'run', 'status', 'demuxed'];

const [folder] = process.argv.slice(2);
const loaded = new Map();
requireCompiled(join(folder, 'main.cjs'), (path, toCompiled) => loaded.set(path, toCompiled));
for (const name of LOADED) require(join(folder, 'chunks', `${name}.cjs`));

const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.cjs'));
for (const path of files.map((name) => join(folder, name))) {
  writeFileSync(path + COMPILED, loaded.get(path)?.() ?? neverRun(path));
}

function neverRun(path) {
  const text = readFileSync(path, 'utf8');
  return compiledForm(text, scriptOf(text, path));
}
