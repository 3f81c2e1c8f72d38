// SPDX-License-Identifier: Apache-2.0
// The Move VM as a machine (move/README.md): calls in Move's types, answers turned into what the ABI encodes. README.md says what a machine is.
// A Move abort is a number, so the arguments of errors are not known; `hidesErrorArguments` says so.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');
const { spawn } = require('node:child_process');
const { packageOf } = require('./packages.js');
const { ethers } = packageOf('ethers');
const { asBytes } = require('../contracts/values.js');
const { logOf } = require('./evm_log.js');

/// The address that modules are compiled for. A contract is made by the account of its module, so the module is given the maker's address, which is that of
/// every such account: one byte repeated.
const COMPILED_FOR = 'a1'.repeat(20);
/// What scripts call `self`: nobody's address, for the contract has its maker's.
const SELF = '0x' + '5e'.repeat(20);
const PANICS = 0x100;
const ERRORS = 0x10000;
const MESSAGES = 0x20000;
const WIDTHS = [8n, 16n, 32n, 64n, 128n, 256n];
const coder = ethers.AbiCoder.defaultAbiCoder();

/// The bits of Move's integer type for an ABI type of so many.
const widthOf = (bits) => WIDTHS.find((width) => BigInt(bits) <= width);
const bitsOf = (type) => Number(/\d+$/.exec(type)[0]);

const hasStruct = (type) => type.baseType === 'tuple' || (type.baseType === 'array' && hasStruct(type.arrayChildren));

/// An ABI value as the JSON that the VM takes: parameters with structs in them are bytes of the ABI.
function toMove(value, type) {
  if (hasStruct(type)) return coder.encode([asBytes(type)], [value]).slice(2);
  if (type.baseType === 'array') return Array.from(value, (one) => toMove(one, type.arrayChildren));
  if (type.baseType === 'bool') return value;
  // Text comes as bytes; what is no UTF-8 cannot be sent.
  if (type.baseType === 'string') return ethers.toUtf8String(value);
  if (type.baseType === 'address') return '0x' + '0'.repeat(24) + value.slice(2).toLowerCase();
  if (type.baseType.startsWith('bytes')) return ethers.hexlify(value).slice(2);
  const width = widthOf(bitsOf(type.baseType));
  const number = BigInt.asUintN(Number(width), BigInt(value));
  return width <= 32n ? Number(number) : number.toString();
}

/// What the VM gives as JSON, as an ABI value.
function fromMove(value, type) {
  if (type.baseType === 'array') {
    // The VM writes vectors of u8 as hexadecimal text.
    const list = typeof value === 'string' ? Array.from(ethers.getBytes('0x' + value)) : value;
    return list.map((one) => fromMove(one, type.arrayChildren));
  }
  if (type.baseType === 'tuple') return type.components.map((part) => fromMove(value[part.name], part));
  if (type.baseType === 'bool') return value;
  if (type.baseType === 'string') return ethers.hexlify(ethers.toUtf8Bytes(value));
  if (type.baseType === 'address') return '0x' + value.slice(2).padStart(40, '0').slice(-40);
  if (type.baseType.startsWith('bytes')) return typeof value === 'string' ? '0x' + value : ethers.hexlify(Uint8Array.from(value));
  const number = BigInt(value);
  return type.baseType.startsWith('int') ? BigInt.asIntN(Number(widthOf(bitsOf(type.baseType))), number) : number;
}

class MoveVm {
  takesCalldata = false;
  hidesErrorArguments = true;
  self = SELF;

  constructor(binary) {
    this.process = spawn(binary, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.waiting = [];
    readline.createInterface({ input: this.process.stdout }).on('line', (line) => this.waiting.shift()?.resolve(JSON.parse(line)));
    this.process.on('exit', (code) => this.waiting.splice(0).forEach(({ reject }) => reject(new Error(`the Move VM ended with ${code}`))));
  }

  ask(command) {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.process.stdin.write(JSON.stringify(command) + '\n');
    });
  }

  async reset(funds) {
    this.funds = funds;
    await this.ask({ do: 'reset' });
  }

  /// The arguments of a command for one function.
  command(kind, message, name, args) {
    return { do: kind, sender: message.from, module: `${this.maker}::${message.artifact.name}`, function: name, arguments: args };
  }

  revert(artifact, answer) {
    if (answer.code === undefined) return { status: 'failed', why: answer.error };
    const row = artifact.aborts.get(answer.code);
    let data = '0x';
    if (answer.code < PANICS) {
      data = ethers.id('Panic(uint256)').slice(0, 10) + coder.encode(['uint256'], [answer.code]).slice(2);
    } else if (answer.code >= MESSAGES && answer.code < MESSAGES + ERRORS && row) {
      data = ethers.id('Error(string)').slice(0, 10) + coder.encode(['bytes'], [Uint8Array.from(row.meaning, (c) => c.charCodeAt(0))]).slice(2);
    } else if (answer.code >= ERRORS && answer.code < MESSAGES && row) {
      const error = ethers.ErrorFragment.from('error ' + row.meaning);
      const zeros = error.inputs.map((type) => zeroOf(type));
      data = error.selector + coder.encode(error.inputs, zeros).slice(2);
    }
    return { status: 'reverted', data, logs: [] };
  }

  logs(artifact, events) {
    return events.map(({ type, data }) => {
      const row = artifact.events.get(type.split('::').pop());
      const fragment = artifact.interface.fragments.find((one) => one.type === 'event' && one.format('sighash') === row.solidity);
      const fields = JSON.parse(data);
      const values = row.fields.map(({ name }) => fields[name]);
      return logOf(fragment, values.map((value, i) => fromMove(value, fragment.inputs[i])));
    });
  }

  async transact(message, name, args) {
    await this.ask({ do: 'block', height: Number(message.number), timestamp: Number(message.time) });
    if (message.value > 0n) return message.fragment.payable ? { status: 'failed', why: 'no value comes with a call' } : { status: 'reverted', data: '0x', logs: [] };
    const answer = await this.ask(this.command('call', message, name, args));
    return answer.ok ? { status: 'done', data: '0x', logs: this.logs(message.artifact, answer.events) } : this.revert(message.artifact, answer);
  }

  async deploy(message) {
    this.maker = message.from.toLowerCase();
    await this.ask({ do: 'publish', module: message.artifact.module.replaceAll(COMPILED_FOR, this.maker.slice(2)) });
    return this.transact(message, 'constructor', message.args.map((value, i) => toMove(value, message.fragment.inputs[i])));
  }

  async call(message) {
    const { artifact, fragment } = message;
    const all = [...artifact.functions.values()].filter((row) => row.solidity === fragment.format('sighash'));
    const asking = all.find((row) => row.kind !== 'entry');
    const args = message.args.map((value, i) => toMove(value, fragment.inputs[i]));
    let data = '0x';
    let failed = null;
    await this.ask({ do: 'block', height: Number(message.number), timestamp: Number(message.time) });
    if (message.value > 0n) return message.fragment.payable ? { status: 'failed', why: 'no value comes with a call' } : { status: 'reverted', data: '0x', logs: [] };
    if (asking) {
      const sender = asking.sender ? [toMove(message.from, ethers.ParamType.from('address'))] : [];
      const answer = await this.ask(this.command('view', message, asking.name, [...sender, ...args]));
      if (!answer.ok) failed = this.revert(artifact, answer);
      if (answer.ok && fragment.outputs.length > 0) {
        // Several results come as a list; numbers beyond 2^53 are text.
        const parsed = JSON.parse(answer.result);
        const values = fragment.outputs.length === 1 ? [parsed] : parsed;
        data = coder.encode(fragment.outputs.map(asBytes), values.map((value, i) => fromMove(value, fragment.outputs[i])));
      }
    }
    if (all.length === 0) return { status: 'failed', why: `the module has no ${fragment.format('sighash')}` };
    const entry = all.find((row) => row.kind === 'entry');
    if (!entry) return failed ?? { status: 'done', data, logs: [] };
    const done = await this.transact(message, entry.name, args);
    return done.status === 'done' ? { ...done, data } : done;
  }

  /// Calls move no coins.
  async balance(address) {
    return this.funds[address] ?? 0n;
  }

  async close() {
    this.process.stdin.end();
  }
}

/// A value of the type that says nothing.
function zeroOf(type) {
  if (type.baseType === 'array') return type.arrayLength > 0 ? Array.from({ length: type.arrayLength }, () => zeroOf(type.arrayChildren)) : [];
  if (type.baseType === 'tuple') return type.components.map(zeroOf);
  if (type.baseType === 'bool') return false;
  if (type.baseType === 'string') return '';
  if (type.baseType === 'address') return ethers.ZeroAddress;
  if (type.baseType.startsWith('bytes')) return '0x' + '00'.repeat(type.baseType === 'bytes' ? 0 : bitsOf(type.baseType));
  return 0;
}

/// NAME.mv and NAME.abi.json in `folder`.
function load(folder, contract) {
  const file = (name) => fs.readFileSync(path.join(folder, 'move', name));
  const description = JSON.parse(file(`${contract}.abi.json`));
  const abi = description.solidity;
  return {
    abi, name: description.name, module: file(`${contract}.mv`).toString('hex'), interface: new ethers.Interface(abi),
    functions: new Map(description.functions.map((row) => [row.name, row])), events: new Map(description.events.map((row) => [row.name, row])),
    aborts: new Map(description.aborts.map((row) => [row.code, row])),
  };
}

const open = async (options) => new MoveVm(path.join(path.dirname(options.omega), 'move_machine_main'));

module.exports = { target: 'move', options: ['--move-address', `0x${COMPILED_FOR}`], load, open };
