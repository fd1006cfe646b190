'use strict';

const { join } = require('node:path');
const { requireCompiled } = require('../../../../scripts/require-compiled.cjs');

// The command as the repository's launcher starts it, without a look at whether the build is fresh.
requireCompiled(join(__dirname, '../../dist/launch/main.cjs')).main(process.argv);
