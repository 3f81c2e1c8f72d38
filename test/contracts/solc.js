// SPDX-License-Identifier: Apache-2.0
// The reference compiler.
'use strict';
const { packageOf } = require('../machines/packages.js');
const { ScriptError } = require('./script.js');
const solc = packageOf('solc');

const PIPELINES = { 'old pipeline': { viaIR: false, optimizer: { enabled: false } }, 'new pipeline': { viaIR: true, optimizer: { enabled: true, runs: 200 } } };

/// The artifact of a case, or an Error with the compiler's messages.
function compile(one, settings) {
  const input = {
    language: 'Solidity', sources: { 'case.sol': { content: one.source } },
    settings: { ...settings, evmVersion: 'prague', metadata: { appendCBOR: false }, outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } } },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const errors = (output.errors ?? []).filter((message) => message.severity === 'error');
  if (errors.length > 0) throw new ScriptError(errors.map((message) => message.formattedMessage.replaceAll('case.sol', one.file)).join(''));
  const contract = output.contracts['case.sol'][one.contract];
  if (!contract?.evm.bytecode.object) throw new ScriptError(`${one.file}:1: \`${one.contract}\` is no contract that can be made`);
  return { abi: contract.abi, code: '0x' + contract.evm.bytecode.object };
}

module.exports = { PIPELINES, compile };
