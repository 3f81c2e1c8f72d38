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

/// Where library number `k` of a case lies.
const libraryAddress = (k) => '0x' + (0x11b0 + k).toString(16).padStart(40, '0');

/// Puts the addresses of libraries into code; `addresses`: of those in use, by file and name.
function link(bytecode, addresses) {
  let code = bytecode.object;
  for (const [file, libraries] of Object.entries(bytecode.linkReferences)) {
    for (const [name, places] of Object.entries(libraries)) {
      const key = `${file}:${name}`;
      if (!addresses.has(key)) addresses.set(key, libraryAddress(addresses.size));
      for (const { start } of places) code = code.slice(0, 2 * start) + addresses.get(key).slice(2) + code.slice(2 * start + 40);
    }
  }
  return code;
}

/// The libraries that `bytecode` calls and that those call: {ADDRESS: code}; they are linked into it.
function withLibraries(bytecode, contracts) {
  const addresses = new Map();
  const code = link(bytecode, addresses);
  const libraries = {};
  for (const [key, address] of addresses) {  // those that are found on the way come behind
    const [, file, name] = /^(.*):(.*)$/.exec(key);
    libraries[address] = '0x' + link(contracts[file][name].evm.deployedBytecode, addresses);
  }
  return { code: '0x' + code, libraries };
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
  return { contract: output.contracts[unit][one.contract], contracts: output.contracts, source: output.sources[unit] };
}

/// The contract of a case as solc gives it, with the parts of `outputs`.
const contractOf = (one, settings, outputs) => outputOf(one, settings, outputs).contract;

/// {abi, storageLayout} of a case's contract, in solc's form.
const interfaceOf = (one) => contractOf(one, {}, ['abi', 'storageLayout']);

/// The artifact of a case; throws the compiler's messages.
function compile(one, settings) {
  const parts = ['object', 'linkReferences'].flatMap((part) => [`evm.bytecode.${part}`, `evm.deployedBytecode.${part}`]);
  const { contract, contracts } = outputOf(one, settings, ['abi', ...parts]);
  if (!contract?.evm.bytecode.object) throw new ScriptError(`${one.file}:1: \`${one.contract}\` is no contract that can be made`);
  return { abi: contract.abi, ...withLibraries(contract.evm.bytecode, contracts) };
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
