// SPDX-License-Identifier: Apache-2.0
// What chains of LLVM share, compiled for this machine (runtime/chain/host): the program host_player, which takes the requests of contract_player.
'use strict';
const path = require('node:path');
const { Interpreter } = require('./interpreter.js');

/// What every such chain refuses; anything else that is refused is a mistake.
const REFUSED = /^the host target cannot do (a call of another contract|the making of another contract|the code of a contract|a call by address|the code of an address|a function as a value|a call of a function value)$/;

class Host extends Interpreter {
  async load(contract, source) {
    const answer = await this.ask('load', contract, source);
    if (answer.status === 'refused' && answer.why.split('\n').every((line) => REFUSED.test(line))) return null;
    if (answer.status !== 'loaded') throw new Error(answer.why);
    return { abi: answer.abi };
  }
}

let machine;
module.exports = {
  target: null,
  load: (folder, contract, { source }) => machine.load(contract, source),
  open: async (options) => (machine = new Host(path.join(path.dirname(options.omega), 'host_player'), [])),
};
