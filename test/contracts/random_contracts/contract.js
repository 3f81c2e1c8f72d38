// SPDX-License-Identifier: Apache-2.0
// A random contract with scripts of calls. Portable: nothing in it is refused by any chain target, and every run of it ends.
'use strict';
const { Random } = require('./random.js');
const { NothingFits, isValue } = require('./expressions.js');
const { StatementWriter } = require('./statements.js');
const { STRING, TypePool, hasMapping, literal, written } = require('./types.js');

const DEPTH = 2;
const parameterText = ({ type, location, name }) => `${type.name}${isValue(type) ? '' : ` ${location}`} ${name}`;
const resultText = (results) => (results.length === 0 ? '' : ` returns (${results.map((type) => `${type.name}${isValue(type) ? '' : ' memory'}`).join(', ')})`);

class ContractWriter {
  constructor(seed) {
    this.random = new Random(seed);
    this.prefix = String(seed);
    this.pool = new TypePool(this.random, this.prefix);
    this.state = [];
    this.events = [];
    this.errors = [];
    this.functions = [];
    this.modifiers = [];
    this.virtuals = [];
    this.getters = [];
    this.names = 0;
  }

  /// {name, tree, scripts}: `tree` is {head, body, tail} like a block, each of so many scripts the lines of a .calls file.
  write(sequences) {
    const { random, prefix } = this;
    const name = `C${prefix}`;
    const base = `B${prefix}`;
    this.pool.declare();
    const types = this.pool.declarations();
    const inBase = random.oneIn(2);
    this.isBase = inBase;
    const shared = inBase ? [...types, ...this.members(2)] : [];
    this.isBase = false;
    const body = inBase ? this.members(random.between(1, 3)) : [...types, ...this.members(random.between(2, 6))];
    const constructor = this.constructorOf();
    const overriding = this.virtuals.map((one) => this.override(one));
    const external = Array.from({ length: random.between(2, 4) }, () => this.external());
    body.push(...constructor, ...overriding, ...external.map((one) => one.tree), ...this.looks());
    const own = { head: `contract ${name}${inBase ? ` is ${base}` : ''} {`, body, tail: '}' };
    const tree = { head: '', body: inBase ? [{ head: `abstract contract ${base} {`, body: shared, tail: '}' }, own] : [own], tail: '' };
    return { name, tree, scripts: Array.from({ length: sequences }, () => this.script(external)) };
  }

  writer(mutability) {
    const writer = new StatementWriter(this.random, this.pool, { events: this.events, errors: this.errors });
    writer.mutability = mutability;
    writer.functions = this.functions;
    writer.scope = [...this.state];
    return writer;
  }

  fresh(letter) {
    return `${letter}${this.names++}`;
  }

  /// State, events, errors, modifiers and inner functions of one contract.
  members(variables) {
    const { random } = this;
    const list = [];
    for (let i = 0; i < variables; ++i) list.push(this.variable());
    for (let i = random.between(0, 2); i > 0; --i) list.push(this.message('event', this.events));
    for (let i = random.between(0, 2); i > 0; --i) list.push(this.message('error', this.errors));
    for (let i = random.between(0, 2); i > 0; --i) list.push(this.modifier());
    for (let i = random.between(0, 2); i > 0; --i) list.push(this.inner());
    return list;
  }

  variable() {
    const { random } = this;
    const name = this.fresh('s');
    if (random.oneIn(10)) {
      const type = random.oneIn(4) ? STRING : this.pool.value();
      // Constants of reference types are copied where they are used.
      this.state.push({ name, type, location: 'calldata', isConstant: true });
      return `${type.name} constant ${name} = ${type === STRING ? JSON.stringify('constant text') : literal(random, type)};`;
    }
    const type = this.pool.state();
    this.state.push({ name, type, location: 'storage' });
    const isPublic = isValue(type) && random.oneIn(3);
    if (isPublic) this.getters.push(`${name}()`);
    const value = isValue(type) && random.oneIn(3) ? ` = ${literal(random, type)}` : '';
    return `${type.name} ${isPublic ? 'public ' : ''}${name}${value};`;
  }

  message(kind, list) {
    const { random } = this;
    const name = this.fresh(kind === 'event' ? 'E' : 'X');
    let indexed = 0;
    const parameters = Array.from({ length: random.between(0, 4) }, (_, i) => {
      const type = random.oneIn(4) ? this.pool.reference() : this.pool.value();
      const isIndexed = kind === 'event' && indexed < 3 && random.oneIn(3);
      if (isIndexed) indexed += 1;
      return { type, name: `p${i}`, isIndexed };
    });
    list.push({ name, parameters });
    return `${kind} ${name}(${parameters.map((one) => `${one.type.name}${one.isIndexed ? ' indexed' : ''} ${one.name}`).join(', ')});`;
  }

  parameters(count, location) {
    return Array.from({ length: count }, (_, i) => {
      const type = this.random.oneIn(3) ? this.pool.reference() : this.pool.value();
      return { type, name: `a${i}`, location: isValue(type) ? 'local' : location() };
    });
  }

  modifier() {
    const { random } = this;
    const name = this.fresh('m');
    const parameters = random.oneIn(2) ? [] : [{ type: this.pool.value(), name: 'a0', location: 'local' }];
    const writer = this.writer('nonpayable');
    writer.isModifier = true;
    writer.scope.push(...parameters);
    const body = [...writer.block(random.between(1, 2), 1), '_;', ...(random.oneIn(2) ? writer.block(1, 1) : [])];
    this.modifiers.push({ name, parameters });
    return { head: `modifier ${name}(${parameters.map(parameterText).join(', ')}) {`, body, tail: '}' };
  }

  /// Calls of modifiers, on a function that may change the state.
  modified(writer) {
    const { random } = this;
    if (this.modifiers.length === 0 || writer.mutability !== 'nonpayable' || !random.oneIn(3)) return '';
    const one = random.pick(this.modifiers);
    return ` ${one.name}${one.parameters.length ? `(${one.parameters.map(({ type }) => writer.expression(type, 1)).join(', ')})` : ''}`;
  }

  /// A function's tree; what it may be called by comes in `one`: {name, parameters, results, mutability}.
  functionTree(one, visibility, more = '') {
    const { random } = this;
    const writer = this.writer(one.mutability);
    writer.results = one.results;
    writer.scope.push(...one.parameters);
    const modified = this.modified(writer);
    const mutability = one.mutability === 'nonpayable' ? '' : ` ${one.mutability}`;
    // The last statement sees what those before it declare.
    const body = writer.block(random.between(1, 4), DEPTH);
    const last = one.results.length === 0 ? [] : [this.attempt(() => writer.returning(), () => `return ${one.results.length === 1 ? this.plain(one.results[0]) : `(${one.results.map((type) => this.plain(type)).join(', ')})`};`)];
    return { head: `function ${one.name}(${one.parameters.map(parameterText).join(', ')}) ${visibility}${mutability}${more}${modified}${resultText(one.results)} {`, body: [...body, ...last], tail: '}' };
  }

  attempt(first, second) {
    try {
      return first();
    } catch (cause) {
      if (!(cause instanceof NothingFits)) throw cause;
      return second();
    }
  }

  /// A value of any type that needs nothing.
  plain(type) {
    if (type.kind === 'struct') return `${type.name}(${type.fields.map((field) => this.plain(field.type)).join(', ')})`;
    if (type.kind !== 'array') return literal(this.random, type);
    if (!type.length) return `new ${type.name}(${this.random.below(3)})`;
    return `abi.decode(abi.encode(${Array.from({ length: 1 }, () => this.zeroBytes(type)).join('')}), (${type.name}))`;
  }

  /// Words of zeros, as many as a fixed array of value types has.
  zeroBytes(type) {
    return `[${Array.from({ length: type.length }, () => this.plain(type.element)).join(', ')}]`;
  }

  results() {
    return Array.from({ length: this.random.pick([0, 1, 1, 1, 2, 3]) }, () => (this.random.oneIn(4) ? this.pool.reference() : this.pool.value()));
  }

  inner() {
    const { random } = this;
    const mutability = random.pick(['pure', 'view', 'nonpayable', 'nonpayable']);
    const storage = this.state.filter((one) => !isValue(one.type) && one.location === 'storage');
    const one = { name: this.fresh('f'), parameters: this.parameters(random.between(0, 3), () => 'memory'), results: this.results(), mutability };
    if (storage.length > 0 && mutability !== 'pure' && random.oneIn(3)) one.parameters.push({ type: random.pick(storage).type, name: 'place', location: 'storage', isPointer: true });
    const isVirtual = this.isBase && random.oneIn(3);
    const tree = this.functionTree(one, 'internal', isVirtual ? ' virtual' : '');
    this.functions.push(one);
    if (isVirtual) this.virtuals.push({ ...one, known: this.functions.length - 1 });
    return tree;
  }

  /// What stands in the place of a base's function, and may call it.
  override(one) {
    const { random } = this;
    const before = this.functions;
    // Its callers come behind it, so that no call leads back to it.
    this.functions = [...before.slice(0, one.known), ...(random.oneIn(2) ? [{ ...one, name: `super.${one.name}` }] : [])];
    const tree = this.functionTree(one, 'internal', ' override');
    this.functions = before;
    return tree;
  }

  constructorOf() {
    const { random } = this;
    this.made = random.oneIn(2) ? this.parameters(random.between(1, 3), () => 'memory') : [];
    if (this.made.length === 0 && random.oneIn(2)) return [];
    const writer = this.writer('nonpayable');
    writer.scope.push(...this.made);
    return [{ head: `constructor(${this.made.map(parameterText).join(', ')}) {`, body: writer.block(random.between(1, 3), 1), tail: '}' }];
  }

  external() {
    const { random } = this;
    const one = { name: this.fresh('g'), parameters: this.parameters(random.between(0, 4), () => random.pick(['memory', 'calldata'])), results: this.results(), mutability: random.pick(['pure', 'view', 'nonpayable', 'nonpayable', 'nonpayable']) };
    return { ...one, tree: this.functionTree(one, random.oneIn(3) ? 'public' : 'external') };
  }

  script(external) {
    const { random } = this;
    const lines = [`new (${this.made.map(({ type }) => written(random, type)).join(', ')})`];
    const count = 2 * external.length + random.between(0, 4);
    for (let i = 0; i < count; ++i) {
      const one = random.pick(external);
      const options = random.oneIn(3) ? ` {from: ${random.pick(['a', 'b', 'c', 'd', 'e'])}}` : '';
      lines.push(`${one.name}(${one.parameters.map(({ type }) => written(random, type)).join(', ')})${options}`);
      if (random.oneIn(12)) lines.push(`time +${random.between(1, 100000)}`);
    }
    return [...lines, ...this.getters];
  }

  /// Functions that show the state, but for mappings: what no call reads would not be compared.
  looks() {
    const shown = this.state.filter((one) => one.location === 'storage' && !hasMapping(one.type));
    const list = [];
    for (let i = 0; i < shown.length; i += 4) {
      const name = this.fresh('look');
      this.getters.push(`${name}()`);
      list.push(`function ${name}() external view returns (bytes memory) { return abi.encode(${shown.slice(i, i + 4).map((one) => one.name).join(', ')}); }`);
    }
    return list;
  }
}

/// The lines of a tree.
function linesOf(node, depth = 0) {
  if (typeof node === 'string') return ['    '.repeat(depth) + node];
  const inside = node.body.flatMap((each) => linesOf(each, depth + (node.head ? 1 : 0)));
  return node.head ? [...linesOf(node.head, depth), ...inside, ...linesOf(node.tail, depth)] : inside;
}

const sourceOf = (tree) => linesOf(tree).join('\n') + '\n';
const HEAD = '// SPDX-License-Identifier: Apache-2.0\npragma solidity ^0.8.27;\n\n';

/// The contract of a seed. Its first scripts do not depend on how many there are.
const randomContract = (seed, sequences = 1) => new ContractWriter(seed).write(sequences);

module.exports = { HEAD, randomContract, sourceOf };
