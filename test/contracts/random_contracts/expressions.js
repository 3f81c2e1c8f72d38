// SPDX-License-Identifier: Apache-2.0
// Random expressions of a wanted type. They have no effects, so that the order in which operands are evaluated shows only in which panic comes first.
'use strict';
const { ADDRESS, BOOL, BYTES, STRING, U256, fixedBytes, int, isSame, literal, uint } = require('./types.js');

const WALKS = 8;
const VALUE_KINDS = new Set(['int', 'bool', 'address', 'bytesN', 'enum']);
const isValue = (type) => VALUE_KINDS.has(type.kind);

/// `text`, of integer type `from`, as `to`: Solidity changes either the sign or the width at a time.
function castInteger(text, from, to) {
  if (isSame(from, to)) return text;
  if (from.signed === to.signed || from.bits === to.bits) return `${to.name}(${text})`;
  return `${to.name}(${(from.signed ? int : uint)(to.bits).name}(${text}))`;
}

/// What a function may see: `scope` is a list of {name, type, location: 'local'|'memory'|'calldata'|'storage'}, `mutability` one of pure, view, nonpayable.
class ExpressionWriter {
  constructor(random, pool) {
    this.random = random;
    this.pool = pool;
    this.scope = [];
    this.functions = [];
    this.mutability = 'pure';
  }

  visible() {
    return this.mutability === 'pure' ? this.scope.filter((one) => one.location !== 'storage') : this.scope;
  }

  /// A way from a variable inwards, to a place of any type; null when nothing is visible.
  walk(depth, stop = () => false) {
    const { random } = this;
    const roots = this.visible();
    if (roots.length === 0) return null;
    const root = random.pick(roots);
    let place = { text: root.name, type: root.type, location: root.location, isConstant: root.isConstant, isPointer: root.isPointer };
    while (!isValue(place.type) && !stop(place) && (place.type.kind === 'mapping' || !random.oneIn(4))) {
      const next = this.inside(place, depth);
      if (next === null) break;
      place = next;
    }
    return place;
  }

  /// Something inside a place; null when its type has nothing that an expression may name.
  inside(place, depth) {
    const { random } = this;
    const { type, text, location } = place;
    const key = (wanted) => (depth > 0 && random.oneIn(2) ? this.expression(wanted, depth - 1) : this.usualKey(wanted));
    if (type.kind === 'struct') {
      const field = random.pick(type.fields);
      return { text: `${text}.${field.name}`, type: field.type, location };
    }
    if (type.kind === 'mapping') return { text: `${text}[${key(type.key)}]`, type: type.value, location };
    if (type.kind === 'array') return { text: `${text}[${this.index(type, text, depth)}]`, type: type.element, location };
    if (type.kind === 'bytes') return { text: `${text}[${this.index(type, text, depth)}]`, type: fixedBytes(1), location };
    return null;
  }

  /// One of two keys of a type, so that entries are met again.
  usualKey(type) {
    const keys = this.pool.keys.get(type.name) ?? [literal(this.random, type), literal(this.random, type)];
    this.pool.keys.set(type.name, keys);
    if (type.kind === 'address' && this.mutability !== 'pure' && this.random.oneIn(2)) return 'msg.sender';
    return this.random.pick(keys);
  }

  /// An index that is mostly in bounds.
  index(type, text, depth) {
    const { random } = this;
    if (depth <= 0) return String(random.below(type.length ?? 2));
    if (type.length) return random.oneIn(3) ? String(random.below(type.length)) : `${this.expression(U256, depth - 1)} % ${type.length}`;
    return random.choose([[3, () => String(random.below(3))], [4, () => `${this.expression(U256, depth - 1)} % ${text}.length`], [1, () => this.expression(U256, depth - 1)]]);
  }

  /// A place of this type that is visible, or null.
  found(type, depth, isFine = () => true) {
    for (let i = 0; i < WALKS; ++i) {
      const place = this.walk(depth, (one) => isSame(one.type, type));
      if (place !== null && isSame(place.type, type) && isFine(place)) return place;
    }
    return null;
  }

  expression(type, depth) {
    const { random } = this;
    if (depth <= 0 || random.oneIn(5)) {
      const place = random.oneIn(4) ? null : this.found(type, Math.min(depth, 1));
      return place ? place.text : this.simplest(type);
    }
    const called = random.oneIn(6) ? this.call(type, depth) : null;
    if (called !== null) return called;
    return this.made(type, depth);
  }

  /// Made from others.
  made(type, depth) {
    switch (type.kind) {
      case 'int': return this.integer(type, depth);
      case 'bool': return this.boolean(depth);
      case 'address': return this.address(depth);
      case 'bytesN': return this.fixed(type, depth);
      case 'enum': return this.member(type, depth);
      case 'bytes': return this.bytes(depth);
      case 'string': return this.string(depth);
      default: return this.composite(type, depth);
    }
  }

  simplest(type) {
    return type.kind === 'struct' || type.kind === 'array' ? this.composite(type, 0) : literal(this.random, type);
  }

  /// A call of one of the contract's functions that give one such result and do not change the state.
  call(type, depth) {
    const fitting = this.functions.filter((one) => one.results.length === 1 && isSame(one.results[0], type) && (one.mutability === 'pure' || (one.mutability === 'view' && this.mutability !== 'pure')));
    return fitting.length === 0 ? null : this.callOf(this.random.pick(fitting), depth);
  }

  callOf(one, depth) {
    return `${one.name}(${one.parameters.map((parameter) => this.argument(parameter, depth - 1)).join(', ')})`;
  }

  argument({ type, location }, depth) {
    if (location !== 'storage') return this.expression(type, depth);
    const place = this.found(type, depth, (one) => one.location === 'storage');
    if (place === null) throw new NothingFits();
    return place.text;
  }

  anyInteger() {
    const place = this.found(this.pool.integer(), 1);
    return place ?? null;
  }

  integer(type, depth) {
    const { random } = this;
    const one = () => this.expression(type, depth - 1);
    return random.choose([
      [10, () => `(${one()} ${random.pick(['+', '+', '-', '*', '/', '%'])} ${one()})`],
      [3, () => `(${one()} ${random.pick(['&', '|', '^'])} ${one()})`],
      [2, () => `(${one()} ${random.pick(['<<', '>>'])} ${this.expression(uint(8), depth - 1)}${random.oneIn(3) ? '' : ` % ${type.bits}`})`],
      [1, () => `(${one()} ** (${this.expression(uint(8), depth - 1)} % ${random.between(2, 5)}))`],
      [1, () => `(~${one()})`], [type.signed ? 1 : 0, () => `(-${one()})`],
      [2, () => `(${this.expression(BOOL, depth - 1)} ? ${one()} : ${one()})`],
      [4, () => this.converted(type, depth)], [2, () => literal(random, type)],
      [isSame(type, U256) ? 3 : 0, () => this.number(depth)],
    ]);
  }

  /// An integer made from another type.
  converted(type, depth) {
    const { random } = this;
    return random.choose([
      [6, () => { const from = this.pool.integer(); return castInteger(this.expression(from, depth - 1), from, type); }],
      [this.pool.enums.length ? 1 : 0, () => castInteger(`uint8(${this.expression(this.pool.enums[0], depth - 1)})`, uint(8), type)],
      [1, () => castInteger(`uint160(${this.expression(ADDRESS, depth - 1)})`, uint(160), type)],
      [1, () => { const from = fixedBytes(random.between(1, 32)); return castInteger(`uint${8 * from.size}(${this.expression(from, depth - 1)})`, uint(8 * from.size), type); }],
    ]);
  }

  /// What gives a uint256 only.
  number(depth) {
    const { random } = this;
    const one = () => this.expression(U256, depth - 1);
    const long = this.walk(depth, (place) => place.type.kind === 'bytes' || (place.type.kind === 'array' && !place.type.length));
    return random.choose([
      [long && (long.type.kind === 'bytes' || (long.type.kind === 'array' && !long.type.length)) ? 4 : 0, () => `${long.text}.length`],
      [this.mutability === 'pure' ? 0 : 1, () => random.pick(['block.timestamp', 'block.number'])],
      [1, () => `${random.pick(['addmod', 'mulmod'])}(${one()}, ${one()}, ${one()})`],
      [1, () => `uint256(keccak256(${this.bytes(depth - 1)}))`],
      [1, () => `bytes(${this.expression(STRING, depth - 1)}).length`],
    ]);
  }

  boolean(depth) {
    const { random } = this;
    const type = random.choose([[6, () => this.pool.integer()], [3, () => this.pool.value()]]);
    const order = type.kind === 'bool' || type.kind === 'enum' || type.kind === 'address' ? ['==', '!='] : ['<', '>', '<=', '>=', '==', '!='];
    return random.choose([
      [6, () => `(${this.expression(type, depth - 1)} ${random.pick(order)} ${this.expression(type, depth - 1)})`],
      [2, () => `(${this.boolean(depth - 1)} ${random.pick(['&&', '||'])} ${this.boolean(depth - 1)})`],
      [1, () => `(!${this.expression(BOOL, depth - 1)})`],
      [1, () => `(keccak256(${this.expression(BYTES, depth - 1)}) == keccak256(${this.expression(BYTES, depth - 1)}))`],
    ]);
  }

  address(depth) {
    return this.random.choose([
      [this.mutability === 'pure' ? 0 : 3, () => 'msg.sender'], [2, () => `address(uint160(${this.expression(uint(160), depth - 1)}))`],
      [1, () => `address(bytes20(${this.expression(fixedBytes(20), depth - 1)}))`], [1, () => `(${this.boolean(depth - 1)} ? ${this.expression(ADDRESS, depth - 1)} : ${this.expression(ADDRESS, depth - 1)})`],
    ]);
  }

  fixed(type, depth) {
    const { random } = this;
    const one = () => this.expression(type, depth - 1);
    return random.choose([
      [2, () => `(${one()} ${random.pick(['&', '|', '^'])} ${one()})`], [1, () => `(~${one()})`],
      [1, () => `(${one()} ${random.pick(['<<', '>>'])} ${this.expression(uint(8), depth - 1)})`],
      [2, () => { const from = fixedBytes(random.between(1, 32)); return `${type.name}(${this.expression(from, depth - 1)})`; }],
      [2, () => `${type.name}(${this.expression(uint(8 * type.size), depth - 1)})`],
      [type.size === 32 ? 4 : 0, () => `${random.pick(['keccak256', 'keccak256', 'sha256'])}(${this.expression(BYTES, depth - 1)})`],
      [type.size === 20 ? 1 : 0, () => `bytes20(${this.expression(ADDRESS, depth - 1)})`],
      [type.size === 1 ? 2 : 0, () => { const from = fixedBytes(random.between(2, 32)); return `${this.expression(from, depth - 1)}[${random.below(from.size)}]`; }],
    ]);
  }

  member(type, depth) {
    const { random } = this;
    return random.choose([
      [4, () => `${type.name}(${this.expression(uint(8), depth - 1)} % ${type.members.length})`], [1, () => `${type.name}(${this.expression(uint(random.pick([8, 16, 256])), depth - 1)})`],
      [1, () => `(${this.boolean(depth - 1)} ? ${this.expression(type, depth - 1)} : ${this.expression(type, depth - 1)})`],
    ]);
  }

  bytes(depth) {
    const { random } = this;
    const some = () => Array.from({ length: random.between(1, 3) }, () => this.expression(random.oneIn(3) ? this.pool.reference() : this.pool.value(), depth - 1)).join(', ');
    const values = () => Array.from({ length: random.between(1, 3) }, () => this.expression(random.oneIn(3) ? random.pick([BYTES, STRING]) : this.pool.value(), depth - 1)).join(', ');
    return random.choose([
      [3, () => `abi.encode(${some()})`], [2, () => `abi.encodePacked(${values()})`], [1, () => `bytes.concat(${this.expression(BYTES, depth - 1)}, ${this.expression(fixedBytes(random.between(1, 32)), depth - 1)})`],
      [1, () => `bytes(${this.expression(STRING, depth - 1)})`], [1, () => literal(random, BYTES)], [1, () => `abi.encodeWithSelector(${this.expression(fixedBytes(4), depth - 1)}, ${some()})`],
    ]);
  }

  string(depth) {
    return this.random.choose([[2, () => `string.concat(${this.expression(STRING, depth - 1)}, ${this.expression(STRING, depth - 1)})`], [1, () => literal(this.random, STRING)]]);
  }

  /// A struct or an array, made or found.
  composite(type, depth) {
    const { random } = this;
    const place = this.found(type, Math.min(depth, 1));
    if (place !== null && !random.oneIn(3)) return place.text;
    if (type.kind === 'struct') {
      const values = type.fields.map((field) => this.expression(field.type, depth - 1));
      return random.oneIn(2) ? `${type.name}(${values.join(', ')})` : `${type.name}({${type.fields.map((field, i) => `${field.name}: ${values[i]}`).join(', ')}})`;
    }
    if (!type.length) return `new ${type.name}(${random.oneIn(4) ? `${this.expression(U256, depth - 1)} % 5` : random.below(4)})`;
    if (isValue(type.element)) return `[${Array.from({ length: type.length }, () => this.expression(type.element, depth - 1)).join(', ')}]`;
    if (place === null) throw new NothingFits();
    return place.text;
  }
}

/// There is no expression of the wanted kind in sight.
class NothingFits extends Error {}

module.exports = { ExpressionWriter, NothingFits, isValue };
