'use strict';

const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname, sep } = require('node:path');
const { Script } = require('node:vm');
const { crc32 } = require('node:zlib');

/** Beside each file of the bundled command: V8's own form of its code, so that V8 need not read megabytes of text. */
const COMPILED = '.v8';

/** Before that form: checksums of the text that it was made of, and of itself. V8 compares but the text's length. */
const HEAD_BYTES = 8;

/**
 * Requires a CommonJS file, and what that requires from its own folder, each in its compiled form where there is one that
 * was made of that very text. V8 takes none of another version, or that was made with other flags: then the text counts.
 * None of them may import as it runs.
 *
 * @param {string} path
 * @param {(path: string, toCompiled: () => Buffer) => void} [onFile] told of each of those files
 */
function requireCompiled(path, onFile = () => {}) {
  const folder = dirname(path) + sep;
  const compileText = Module.prototype._compile;
  Module.prototype._compile = function compile(text, filename, ...rest) {
    if (!filename.startsWith(folder)) return compileText.call(this, text, filename, ...rest);
    const script = scriptOf(text, filename, readCompiled(filename + COMPILED, text));
    onFile(filename, () => compiledForm(text, script));
    const begin = script.runInThisContext();
    return begin.call(this.exports, this.exports, Module.createRequire(filename), this, filename, dirname(filename));
  };
  return require(path);
}

/**
 * @param {string} text
 * @param {string} filename
 * @param {Buffer} [cachedData]
 */
function scriptOf(text, filename, cachedData) {
  return new Script(Module.wrap(text), { filename, cachedData });
}

/**
 * @param {string} text
 * @param {import('node:vm').Script} script of that text; what it has run by now is in the form
 */
function compiledForm(text, script) {
  const data = script.createCachedData();
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(crc32(text), 0);
  head.writeUInt32LE(crc32(data), 4);
  return Buffer.concat([head, data]);
}

/** Damaged code would end the process. */
function readCompiled(path, text) {
  const form = readIfThere(path);
  if (form === null || form.length <= HEAD_BYTES) return undefined;
  const data = form.subarray(HEAD_BYTES);
  return form.readUInt32LE(0) === crc32(text) && form.readUInt32LE(4) === crc32(data) ? data : undefined;
}

/** Whatever is the matter with it, without it nothing is lost but time. */
function readIfThere(path) {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

module.exports = { COMPILED, compiledForm, requireCompiled, scriptOf };
