// SPDX-License-Identifier: Apache-2.0
// The npm packages of the contract tests, for every script under test/.
'use strict';
const path = require('node:path');
const fs = require('node:fs');
const { createRequire } = require('node:module');

const fromHere = createRequire(path.join(__dirname, 'package.json'));

/// Ends the process when the packages are not installed.
function requireInstalled() {
  if (!fs.existsSync(path.join(__dirname, 'node_modules/.installed-lock.json'))) {
    console.error('the npm packages of the tests are not installed: run test/machines/install');
    process.exit(2);
  }
}

/// The package of that name, a CommonJS one.
function packageOf(name) {
  requireInstalled();
  return fromHere(name);
}

module.exports = { packageOf, requireInstalled };
