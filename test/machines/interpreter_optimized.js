// SPDX-License-Identifier: Apache-2.0
// The interpreter on what the optimisation passes made.
'use strict';
module.exports = require('./interpreter.js').described(['--optimize']);
