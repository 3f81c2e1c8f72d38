// SPDX-License-Identifier: Apache-2.0
// LiteSVM as a machine: calls and answers as the IDL has them, turned into what the ABI encodes. README.md says what a machine is.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { packageOf } = require('./packages.js');
const { ethers } = packageOf('ethers');
const { asBytes } = require('../contracts/values.js');
const { logOf } = require('./evm_log.js');
const { Program } = require('./solana/client.js');
const { Node } = require('./solana/litesvm.js');

/// Where programs are: an address with one byte repeated, as accounts have.
const PROGRAM = Buffer.alloc(32, 0x5e);
const SELF = '0x' + '5e'.repeat(20);
/// The program errors of runtime/chain/solana/solana.h that stand for reverts, beside panics and the contract's own errors.
const REVERTED = 5102;
const coder = ethers.AbiCoder.defaultAbiCoder();

/// Addresses of contracts have 20 bytes; in front of them an account's has zeros.
const keyOf = (address) => Buffer.concat([Buffer.alloc(12), Buffer.from(address.slice(2), 'hex')]);
const bytesOf = (hex) => Buffer.from(hex.slice(2), 'hex');

/// An ABI value as the client takes it.
function toIdl(value, type) {
  if (type.baseType === 'array') return Array.from(value, (one) => toIdl(one, type.arrayChildren));
  if (type.baseType === 'tuple') return Object.fromEntries(type.components.map((part, k) => [part.name || `value${k}`, toIdl(value[k], part)]));
  if (type.baseType === 'address') return keyOf(value);
  if (type.baseType === 'string' || type.baseType.startsWith('bytes')) return bytesOf(ethers.hexlify(value));
  return value;
}

/// What the client gives, as an ABI value.
function fromIdl(value, type) {
  if (type.baseType === 'array') return Array.from(value, (one) => fromIdl(one, type.arrayChildren));
  if (type.baseType === 'tuple') return type.components.map((part, k) => fromIdl(value[part.name || `value${k}`], part));
  if (type.baseType === 'address') return '0x' + value.subarray(12).toString('hex');
  if (type.baseType === 'string' || type.baseType.startsWith('bytes')) return '0x' + value.toString('hex');
  return value;
}

class Solana {
  takesCalldata = false;
  self = SELF;
  /// Compute units of the last call.
  units = 0;

  async reset(funds) {
    this.funds = funds;
    this.node = new Node();
    for (const address of Object.keys(funds)) this.node.fund(keyOf(address));
  }

  async deploy(message) {
    this.node.deploy(message.artifact.program, PROGRAM, keyOf(message.from));
    this.program = new Program(this.node, PROGRAM, message.artifact.idl);
    return this.answer(message, 'constructor');
  }

  async call(message) {
    const wanted = message.fragment.format('sighash');
    const row = message.artifact.idl.instructions.find((one) => one.docs[0] === wanted);
    return row ? this.answer(message, row.name) : { status: 'failed', why: `the IDL has no ${wanted}` };
  }

  async answer(message, name) {
    const { artifact, fragment } = message;
    if (message.value > 0n) return fragment.payable ? { status: 'failed', why: 'no value comes with a call' } : { status: 'reverted', data: '0x', logs: [] };
    this.node.clock(message.number, message.time);
    const args = message.args.map((value, k) => toIdl(value, fragment.inputs[k]));
    const done = await this.program.call(name, args, keyOf(message.from));
    this.units = done.units;
    if (!done.ok) return this.failure(done);
    const outputs = fragment.outputs ?? [];
    const results = outputs.length === 1 ? [done.result] : outputs.map((type, k) => done.result[type.name || `value${k}`]);
    const data = coder.encode(outputs.map(asBytes), results.map((value, k) => fromIdl(value, outputs[k])));
    return { status: 'done', data, logs: done.events.map((event) => this.log(artifact, event)) };
  }

  failure(done) {
    if (done.revert) return { status: 'reverted', data: '0x' + done.revert.toString('hex'), logs: [] };
    if (done.code === REVERTED) return { status: 'reverted', data: '0x', logs: [] };
    return { status: 'failed', why: done.why };
  }

  log(artifact, { name, values }) {
    const [signature] = artifact.idl.types.find((row) => row.name === name).docs;
    const fragment = artifact.interface.fragments.find((one) => one.type === 'event' && one.format('sighash') === signature);
    return logOf(fragment, fragment.inputs.map((type, k) => fromIdl(values[type.name || `value${k}`], type)));
  }

  /// Calls move no coins.
  async balance(address) {
    return this.funds[address] ?? 0n;
  }

  async close() {}
}

/// NAME.so and NAME.idl.json in `folder`.
function load(folder, contract) {
  const file = (name) => fs.readFileSync(path.join(folder, 'solana', name));
  const idl = JSON.parse(file(`${contract}.idl.json`));
  return { abi: idl.solidity, idl, program: file(`${contract}.so`), interface: new ethers.Interface(idl.solidity) };
}

module.exports = { target: 'solana', load, open: async () => new Solana() };
