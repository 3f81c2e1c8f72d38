// SPDX-License-Identifier: Apache-2.0
// The reference compiler.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { packageOf } = require('../machines/packages.js');
const { ScriptError } = require('./script.js');
const solc = packageOf('solc');

/// "0.8.37+commit…".
const version = () => solc.version();

const PIPELINES = { 'old pipeline': { viaIR: false, optimizer: { enabled: false } }, 'new pipeline': { viaIR: true, optimizer: { enabled: true, runs: 200 } } };

/// What an import finds: files are named by their path from the folder of the case, or by package.
function readImport(one, name) {
  const beside = path.join(path.dirname(one.file), name);
  const file = fs.existsSync(beside) ? beside : path.join(__dirname, '../machines/node_modules', name);
  return fs.existsSync(file) ? { contents: fs.readFileSync(file, 'utf8') } : { error: `there is no ${file}` };
}

/// What solc gives for a case, with these parts of each contract; throws the compiler's messages.
function outputOf(one, settings, outputs, sourceOutputs = []) {
  const unit = path.basename(one.file);
  const input = {
    language: 'Solidity', sources: { [unit]: { content: one.source } },
    settings: { ...settings, evmVersion: 'prague', metadata: { appendCBOR: false }, outputSelection: { '*': { '*': outputs, '': sourceOutputs } } },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: (name) => readImport(one, name) }));
  const errors = (output.errors ?? []).filter((message) => message.severity === 'error');
  if (errors.length > 0) throw new ScriptError(errors.map((message) => message.formattedMessage.replaceAll(unit, one.file)).join(''));
  return { contract: output.contracts[unit][one.contract], source: output.sources[unit] };
}

/// The contract of a case as solc gives it, with the parts of `outputs`.
const contractOf = (one, settings, outputs) => outputOf(one, settings, outputs).contract;

/// {abi, storageLayout} of a case's contract, in solc's form.
const interfaceOf = (one) => contractOf(one, {}, ['abi', 'storageLayout']);

/// The artifact of a case; throws the compiler's messages.
function compile(one, settings) {
  const contract = contractOf(one, settings, ['abi', 'evm.bytecode.object']);
  if (!contract?.evm.bytecode.object) throw new ScriptError(`${one.file}:1: \`${one.contract}\` is no contract that can be made`);
  return { abi: contract.abi, code: '0x' + contract.evm.bytecode.object };
}

/// The artifact of a case with the code that stays, its source map, and the syntax tree: {abi, code, runtime, map, file (of the case, in the map), tree}.
function mappedOf(one, settings) {
  const { contract, source } = outputOf(one, settings, ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object', 'evm.deployedBytecode.sourceMap'], ['ast']);
  const { bytecode, deployedBytecode } = contract.evm;
  return { abi: contract.abi, code: '0x' + bytecode.object, runtime: deployedBytecode.object, map: deployedBytecode.sourceMap, file: source.id, tree: source.ast };
}

/// All contracts of one source that imports nothing, by a pipeline of PIPELINES: {artifacts: {NAME: {abi, code}}, errors: [text]}.
function compileAll(source, pipeline) {
  const settings = { ...PIPELINES[pipeline], evmVersion: 'prague', metadata: { appendCBOR: false }, outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } } };
  const output = JSON.parse(solc.compile(JSON.stringify({ language: 'Solidity', sources: { 's.sol': { content: source } }, settings })));
  const errors = (output.errors ?? []).filter((message) => message.severity === 'error').map((message) => message.formattedMessage);
  const made = errors.length === 0 ? output.contracts?.['s.sol'] ?? {} : {};
  const artifacts = Object.fromEntries(Object.entries(made).map(([name, one]) => [name, { abi: one.abi, code: '0x' + one.evm.bytecode.object }]));
  return { artifacts, errors };
}

module.exports = { version, PIPELINES, compile, compileAll, interfaceOf, mappedOf };
