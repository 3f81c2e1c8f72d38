// SPDX-License-Identifier: Apache-2.0
// A client of contracts compiled for Solana: instructions and results as the IDL says, transactions, and the accounts that a call needs. Node alone.
//
// Which accounts of the state a call touches follows from what it does, so it is found by trying: the program names the first one that is missing in its log
// (`Program data`), the client adds it and tries again. docs/targets.md has the form of that line.
//
// `node` is whoever executes: simulate(bytes) and send(bytes), which give {ok, code, why, logs, returned, units} (`code`: the program error's number), and
// blockhash(). Addresses are Buffers of 32 bytes.
'use strict';
const crypto = require('node:crypto');

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const MISSING = tag('omega:missing');
const RESULT = tag('omega:result');
const REVERT = tag('omega:revert');
const SYSTEM_PROGRAM = Buffer.alloc(32);
const COMPUTE_BUDGET = base58('ComputeBudget111111111111111111111111111111');
const MOST_UNITS = 1_400_000;
const MOST_HEAP = 256 * 1024;
/// A transaction names no more accounts.
const MOST_ACCOUNTS = 128;

function tag(text) {
  return crypto.createHash('sha256').update(text).digest().subarray(0, 8);
}

/// The bytes of an address in base 58.
function base58(text) {
  let number = 0n;
  for (const digit of text) number = number * 58n + BigInt(ALPHABET.indexOf(digit));
  return Buffer.from(number.toString(16).padStart(64, '0'), 'hex');
}

function asBase58(bytes) {
  let number = BigInt('0x' + bytes.toString('hex'));
  let text = '';
  for (; number > 0n; number /= 58n) text = ALPHABET[Number(number % 58n)] + text;
  return '1'.repeat(bytes.findIndex((byte) => byte !== 0)) + text;
}

// ---- Borsh ----

function integerBytes(value, size) {
  const bytes = Buffer.alloc(size);
  let rest = BigInt.asUintN(size * 8, BigInt(value));
  for (let k = 0; k < size; ++k, rest >>= 8n) bytes[k] = Number(rest & 255n);
  return bytes;
}

function lengthBytes(length) {
  return integerBytes(length, 4);
}

/// Values in the types of an IDL, as Borsh writes them. Integers are BigInts or numbers, `bytes`, `string`, `pubkey` and arrays of `u8` Buffers (in: lists too),
/// defined types objects.
class Borsh {
  constructor(idl) {
    this.types = new Map(idl.types.map((row) => [row.name, row.type]));
  }

  encode(type, value) {
    if (type.vec) return Buffer.concat([lengthBytes(value.length), ...Array.from(value, (one) => this.encode(type.vec, one))]);
    if (type.array) return Buffer.concat(Array.from(value, (one) => this.encode(type.array[0], one)));
    if (type.defined) return Buffer.concat(this.types.get(type.defined.name).fields.map((field) => this.encode(field.type, value[field.name])));
    if (type === 'bool') return Buffer.from([value ? 1 : 0]);
    if (type === 'pubkey') return value;
    if (type === 'bytes' || type === 'string') return Buffer.concat([lengthBytes(value.length), value]);
    return integerBytes(value, Number(type.slice(1)) / 8);
  }

  /// The value at the beginning of `input.bytes`, from which it is taken.
  take(type, input) {
    if (type.array && type.array[0] === 'u8') return this.bytes(input, type.array[1]);
    if (type.vec) return Array.from({ length: this.number(input, 4, false) }, () => this.take(type.vec, input));
    if (type.array) return Array.from({ length: type.array[1] }, () => this.take(type.array[0], input));
    if (type.defined) return Object.fromEntries(this.types.get(type.defined.name).fields.map((field) => [field.name, this.take(field.type, input)]));
    if (type === 'bool') return this.number(input, 1, false) !== 0;
    if (type === 'pubkey') return this.bytes(input, 32);
    if (type === 'bytes' || type === 'string') return this.bytes(input, this.number(input, 4, false));
    const number = this.big(input, Number(type.slice(1)) / 8);
    return type[0] === 'i' ? BigInt.asIntN(Number(type.slice(1)), number) : number;
  }

  bytes(input, size) {
    if (input.bytes.length < size) throw new Error('the data end too early');
    const taken = input.bytes.subarray(0, size);
    input.bytes = input.bytes.subarray(size);
    return taken;
  }
  big(input, size) {
    return this.bytes(input, size).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  }
  number(input, size) {
    return Number(this.big(input, size));
  }

  decode(type, bytes) {
    return this.take(type, { bytes });
  }
}

// ---- transactions ----

/// A count as transactions hold it, seven bits a byte.
function shortLength(count) {
  const bytes = [];
  for (let rest = count; ; rest >>= 7) {
    bytes.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest < 128) return Buffer.from(bytes);
  }
}

/// A legacy transaction with room for signatures, which are zero. `instructions`: [{program, accounts: [{address, signer, writable}], data}]; the payer signs.
function transaction(payer, instructions, blockhash) {
  const all = new Map();
  const add = (address, signer, writable) => {
    const key = address.toString('hex');
    const row = all.get(key) ?? { address, signer: false, writable: false };
    all.set(key, { address, signer: row.signer || signer, writable: row.writable || writable });
  };
  add(payer, true, true);
  for (const { accounts } of instructions) for (const one of accounts) add(one.address, one.signer, one.writable);
  for (const { program } of instructions) add(program, false, false);
  // Signers first, of both kinds those that are written; the payer stays in front.
  const rank = (row) => (row.signer ? 0 : 2) + (row.writable ? 0 : 1);
  const [first, ...others] = all.values();
  const rows = [first, ...others.sort((a, b) => rank(a) - rank(b))];
  const index = new Map(rows.map((row, k) => [row.address.toString('hex'), k]));
  const numberOf = (address) => index.get(address.toString('hex'));
  const count = (test) => rows.filter(test).length;
  const signers = count((row) => row.signer);
  return Buffer.concat([
    shortLength(signers), Buffer.alloc(64 * signers),
    Buffer.from([signers, count((row) => row.signer && !row.writable), count((row) => !row.signer && !row.writable)]),
    shortLength(rows.length), ...rows.map((row) => row.address), blockhash, shortLength(instructions.length),
    ...instructions.flatMap(({ program, accounts, data }) => [
      Buffer.from([numberOf(program)]), shortLength(accounts.length), Buffer.from(accounts.map((one) => numberOf(one.address))), shortLength(data.length), data,
    ]),
  ]);
}

/// So much computation and memory as there is.
function budget() {
  return [
    { program: COMPUTE_BUDGET, accounts: [], data: Buffer.concat([Buffer.from([2]), integerBytes(MOST_UNITS, 4)]) },
    { program: COMPUTE_BUDGET, accounts: [], data: Buffer.concat([Buffer.from([1]), integerBytes(MOST_HEAP, 4)]) },
  ];
}

// ---- a program ----

/// What the program logged as data, one Buffer a line.
function dataOf(logs) {
  return logs.filter((line) => line.startsWith('Program data: ')).map((line) => Buffer.concat(line.slice(14).split(' ').map((part) => Buffer.from(part, 'base64'))));
}

class Program {
  constructor(node, address, idl) {
    this.node = node;
    this.address = address;
    this.idl = idl;
    this.borsh = new Borsh(idl);
    this.events = new Map(idl.events.map((row) => [Buffer.from(row.discriminator).toString('hex'), row.name]));
    this.instructions = new Map(idl.instructions.map((row) => [row.name, row]));
  }

  /// Whether a call of the instruction may change anything.
  changes(name) {
    return this.instructions.get(name).accounts.some((account) => account.writable);
  }

  data(name, args) {
    const row = this.instructions.get(name);
    return Buffer.concat([Buffer.from(row.discriminator), ...row.args.map((arg, k) => this.borsh.encode(arg.type, args[k]))]);
  }

  /// The account that every instruction has first; the others are added as the program names them, and only what it names.
  firstAccounts(sender, changes) {
    return [{ address: sender, signer: true, writable: changes }];
  }

  transaction(sender, accounts, data) {
    return transaction(sender, [...budget(), { program: this.address, accounts, data }], this.node.blockhash());
  }

  /// Tries the call until it lacks no account: {outcome, accounts}.
  async discover(sender, data, changes) {
    const accounts = this.firstAccounts(sender, changes);
    for (;;) {
      const outcome = await this.node.simulate(this.transaction(sender, accounts, data));
      const missing = outcome.ok ? undefined : dataOf(outcome.logs).find((bytes) => bytes.subarray(0, 8).equals(MISSING));
      const address = missing?.subarray(48, 80);
      if (!missing || accounts.length >= MOST_ACCOUNTS || accounts.some((one) => one.address.equals(address))) return { outcome, accounts };
      accounts.push({ address, signer: false, writable: changes && !address.equals(SYSTEM_PROGRAM) });
    }
  }

  /// Calls instruction `name`: {ok, code, why, revert, result, events: [{name, values}], units}. Nothing is sent when the instruction changes nothing, or
  /// when it fails. `result` is as the IDL's `returns` says, undefined without; `revert` the data of a revert as Solidity's ABI has it.
  async call(name, args, sender) {
    const changes = this.changes(name);
    const data = this.data(name, args);
    const found = await this.discover(sender, data, changes);
    const outcome = changes && found.outcome.ok ? await this.node.send(this.transaction(sender, found.accounts, data)) : found.outcome;
    return { ...this.read(name, outcome), accounts: found.accounts };
  }

  read(name, outcome) {
    const logged = dataOf(outcome.logs);
    const { ok, code, why, units } = outcome;
    const startingWith = (wanted) => logged.find((bytes) => bytes.subarray(0, 8).equals(wanted))?.subarray(8);
    if (!ok) return { ok, code, why, units, revert: startingWith(REVERT), events: [] };
    const type = this.instructions.get(name).returns;
    const result = type === undefined ? undefined : this.borsh.decode(type, startingWith(RESULT) ?? outcome.returned);
    const events = logged.filter((bytes) => this.events.has(bytes.subarray(0, 8).toString('hex'))).map((bytes) => this.event(bytes));
    return { ok, units, result, events };
  }

  event(bytes) {
    const name = this.events.get(bytes.subarray(0, 8).toString('hex'));
    return { name, values: this.borsh.decode({ defined: { name } }, bytes.subarray(8)) };
  }
}

module.exports = { Program, Borsh, transaction, base58, asBase58, integerBytes, dataOf, SYSTEM_PROGRAM };
