// SPDX-License-Identifier: Apache-2.0
// The npm packages of the contract tests, for every script under test/.
'use strict';
const path = require('node:path');
const fs = require('node:fs');
const { createRequire } = require('node:module');

const fromHere = createRequire(path.join(__dirname, 'package.json'));

/// The package of that name; ends the process when it is not installed.
function packageOf(name) {
  if (!fs.existsSync(path.join(__dirname, 'node_modules/.installed-lock.json'))) {
    console.error('the npm packages of the tests are not installed: run test/machines/install');
    process.exit(2);
  }
  return fromHere(name);
}

module.exports = { packageOf };
