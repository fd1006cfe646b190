'use strict';

// The command as the repository's launcher starts it, without a look at whether the build is fresh.
require('../../dist/launch/main.cjs').main(process.argv);
