// SPDX-License-Identifier: Apache-2.0
// The types of a random contract: {kind, name, …}, and values of them as Solidity and as scripts write them.
'use strict';

const WIDTHS = [8, 8, 16, 32, 64, 128, 256, 256];
const BYTES_WIDTHS = [1, 2, 4, 8, 20, 31, 32, 32];
const ACCOUNTS = ['a', 'b', 'c', 'd', 'e'];

const uint = (bits) => ({ kind: 'int', signed: false, bits, name: `uint${bits}` });
const int = (bits) => ({ kind: 'int', signed: true, bits, name: `int${bits}` });
const fixedBytes = (size) => ({ kind: 'bytesN', size, name: `bytes${size}` });
const BOOL = { kind: 'bool', name: 'bool' };
const ADDRESS = { kind: 'address', name: 'address' };
const BYTES = { kind: 'bytes', name: 'bytes', isReference: true };
const STRING = { kind: 'string', name: 'string', isReference: true };
const U256 = uint(256);
const arrayOf = (element, length = null) => ({ kind: 'array', element, length, name: `${element.name}[${length ?? ''}]`, isReference: true });
const mappingOf = (key, value) => ({ kind: 'mapping', key, value, name: `mapping(${key.name} => ${value.name})`, isReference: true });

const minOf = (type) => (type.signed ? -(1n << BigInt(type.bits - 1)) : 0n);
const maxOf = (type) => (1n << BigInt(type.signed ? type.bits - 1 : type.bits)) - 1n;
const isSame = (left, right) => left.name === right.name;
const hasMapping = (type) => type.kind === 'mapping' || (type.kind === 'array' && hasMapping(type.element)) || (type.kind === 'struct' && type.fields.some((field) => hasMapping(field.type)));

/// Draws types; those that a contract declares are added to it.
class TypePool {
  constructor(random, prefix) {
    this.random = random;
    this.prefix = prefix;
    this.enums = [];
    this.structs = [];
    this.integers = Array.from({ length: 4 }, () => this.anyInteger());
    this.values = Array.from({ length: 5 }, () => this.anyValue());
    this.references = [];
    this.keys = new Map();
  }

  declare() {
    const { random } = this;
    if (!random.oneIn(4)) this.enums.push({ kind: 'enum', name: `Kind${this.prefix}`, members: Array.from({ length: random.between(2, 5) }, (_, i) => `k${i}`) });
    const count = random.between(0, 2);
    for (let i = 0; i < count; ++i) {
      const fields = Array.from({ length: random.between(1, 5) }, (_, f) => ({ name: `f${f}`, type: this.field() }));
      this.structs.push({ kind: 'struct', name: `Record${this.prefix}_${i}`, fields, isReference: true });
    }
    this.references = Array.from({ length: 5 }, () => this.anyReference());
  }

  declarations() {
    return [
      ...this.enums.map((type) => `enum ${type.name} { ${type.members.join(', ')} }`),
      ...this.structs.map((type) => `struct ${type.name} { ${type.fields.map((field) => `${field.type.name} ${field.name};`).join(' ')} }`),
    ];
  }

  /// Mostly one of a few, so that what is declared is used elsewhere.
  integer() {
    return this.random.oneIn(8) ? this.anyInteger() : this.random.pick(this.integers);
  }

  value() {
    return this.random.oneIn(6) ? this.anyValue() : this.random.pick(this.values);
  }

  /// What may be in memory.
  reference() {
    return this.random.oneIn(6) ? this.anyReference() : this.random.pick(this.references);
  }

  anyInteger() {
    const bits = this.random.oneIn(3) ? 8 * this.random.between(1, 32) : this.random.pick(WIDTHS);
    return this.random.oneIn(3) ? int(bits) : uint(bits);
  }

  anyValue() {
    return this.random.choose([
      [9, () => this.integer()], [2, () => BOOL], [2, () => ADDRESS], [3, () => fixedBytes(this.random.oneIn(3) ? this.random.between(1, 32) : this.random.pick(BYTES_WIDTHS))],
      [this.enums.length ? 2 : 0, () => this.enums[0]],
    ]);
  }

  field() {
    return this.random.choose([
      [12, () => this.value()], [1, () => BYTES], [1, () => STRING], [1, () => arrayOf(this.value())], [1, () => arrayOf(this.value(), this.random.between(1, 4))],
      [this.structs.length ? 2 : 0, () => this.random.pick(this.structs)],
    ]);
  }

  anyReference() {
    return this.random.choose([
      [2, () => BYTES], [2, () => STRING], [4, () => arrayOf(this.value())], [2, () => arrayOf(this.value(), this.random.between(1, 4))],
      [this.structs.length ? 3 : 0, () => this.random.pick(this.structs)], [this.structs.length ? 1 : 0, () => arrayOf(this.random.pick(this.structs))],
      [1, () => arrayOf(this.random.oneIn(2) ? BYTES : STRING)], [1, () => arrayOf(arrayOf(this.value(), this.random.oneIn(2) ? this.random.between(1, 3) : null))],
    ]);
  }

  key() {
    return this.random.oneIn(8) ? this.random.pick([BYTES, STRING]) : this.value();
  }

  state() {
    return this.random.choose([
      [8, () => this.value()], [4, () => this.reference()],
      [5, () => mappingOf(this.key(), this.random.oneIn(3) ? this.reference() : this.value())],
      [1, () => mappingOf(this.key(), mappingOf(this.key(), this.random.oneIn(4) ? this.reference() : this.value()))],
    ]);
  }
}

/// An integer that lies at an edge, or anywhere.
function someInteger(random, type) {
  const [min, max] = [minOf(type), maxOf(type)];
  return random.choose([
    [3, () => BigInt(random.below(4))], [3, () => BigInt(random.between(3, 40))], [1, () => max], [1, () => max - 1n], [1, () => min], [1, () => (type.signed ? -1n : max / 2n)],
    [1, () => (type.signed ? min + 1n : 1n << BigInt(random.below(type.bits)))], [3, () => (type.signed ? BigInt.asIntN(type.bits, random.wide(type.bits)) : random.wide(type.bits))],
  ]);
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz ABC0123';
const someText = (random) => Array.from({ length: random.pick([0, 1, 3, 5, 31, 32, 33, 40, 70]) }, () => random.pick(LETTERS)).join('');
const someHex = (random, size) => Array.from({ length: size }, () => (random.oneIn(4) ? '00' : random.below(256).toString(16).padStart(2, '0'))).join('');

/// A value as a script writes it.
function written(random, type) {
  switch (type.kind) {
    case 'int': return String(type.bits > 8 && random.oneIn(3) ? BigInt(random.below(8)) : someInteger(random, type));
    case 'bool': return random.pick(['true', 'false']);
    case 'address': return random.oneIn(6) ? '0' : random.pick(ACCOUNTS);
    case 'bytesN': return '0x' + someHex(random, type.size);
    case 'enum': return String(random.below(type.members.length));
    case 'bytes': return `hex"${someHex(random, random.pick([0, 1, 2, 5, 31, 32, 33, 64, 80]))}"`;
    case 'string': return JSON.stringify(someText(random));
    case 'struct': return `(${type.fields.map((field) => written(random, field.type)).join(', ')})`;
    default: return `[${Array.from({ length: type.length ?? random.below(4) }, () => written(random, type.element)).join(', ')}]`;
  }
}

/// A value as an expression of Solidity that names nothing. Of value types, bytes and strings.
function literal(random, type) {
  switch (type.kind) {
    case 'int': return random.oneIn(12) ? `type(${type.name}).${random.pick(['max', 'min'])}` : `${type.name}(${someInteger(random, type)})`;
    case 'bool': return random.pick(['true', 'false']);
    case 'address': return random.oneIn(2) ? 'address(0)' : `address(uint160(${random.wide(160)}))`;
    case 'bytesN': return `${type.name}(hex"${someHex(random, type.size)}")`;
    case 'enum': return `${type.name}.${random.pick(type.members)}`;
    case 'bytes': return `bytes(hex"${someHex(random, random.pick([0, 1, 5, 32, 33]))}")`;
    default: return `string(${JSON.stringify(someText(random))})`;
  }
}

module.exports = { ADDRESS, BOOL, BYTES, STRING, U256, TypePool, arrayOf, fixedBytes, hasMapping, isSame, literal, mappingOf, uint, int, written };
