// SPDX-License-Identifier: Apache-2.0
// Random statements, as lines and blocks: a line is text, a block {head, body, tail} with a list of both inside.
'use strict';
const { U256, fixedBytes, hasMapping, isSame, uint } = require('./types.js');
const { ExpressionWriter, NothingFits, isValue } = require('./expressions.js');

const MAX_LOOPS = 2;
const TRIES = 4;

class StatementWriter extends ExpressionWriter {
  constructor(random, pool, facts) {
    super(random, pool);
    Object.assign(this, facts);  // events, errors
    this.names = 0;
    this.loops = 0;
    this.unchecked = false;
    this.results = [];
  }

  get writesState() {
    return this.mutability === 'nonpayable';
  }

  fresh() {
    return `v${this.names++}`;
  }

  /// A list of statements; what they declare is gone behind them.
  block(count, depth) {
    const scope = this.scope.length;
    const statements = [];
    for (let i = 0; i < count; ++i) {
      for (let tries = 0; tries < TRIES; ++tries) {
        try {
          statements.push(...this.statement(depth));
          break;
        } catch (cause) {
          if (!(cause instanceof NothingFits)) throw cause;
        }
      }
    }
    this.scope.length = scope;
    return statements;
  }

  statement(depth) {
    const { random } = this;
    const inner = depth > 0 ? 1 : 0;
    const writes = this.writesState ? 1 : 0;
    return random.choose([
      [5, () => this.declaration()], [9, () => this.assignment()], [3, () => this.step()],
      [4 * inner, () => this.choice(depth)], [3 * inner * (this.loops < MAX_LOOPS ? 1 : 0), () => this.loop(depth)],
      [2 * inner * (this.unchecked ? 0 : 1), () => this.uncheckedBlock(depth)], [4 * writes, () => this.growth()], [writes, () => this.deletion()],
      [2 * writes, () => this.emission()], [1, () => this.demand()], [2, () => this.functionCall()], [1, () => this.exchange()], [writes, () => this.pointer()],
      [1, () => this.decoding()], [this.loops > 0 ? 1 : 0, () => [`if (${this.boolean(2)}) ${random.pick(['break', 'continue'])};`]],
      [inner, () => [`if (${this.boolean(2)}) ${this.returning()}`]],
    ]);
  }

  declare(type, value) {
    const name = this.fresh();
    const text = `${type.name}${isValue(type) ? '' : ' memory'} ${name}${value === null ? '' : ` = ${value}`};`;
    this.scope.push({ name, type, location: isValue(type) ? 'local' : 'memory' });
    return text;
  }

  declaration() {
    const { random } = this;
    const type = random.oneIn(3) ? this.pool.reference() : this.pool.value();
    return [this.declare(type, random.oneIn(8) && isValue(type) ? null : this.expression(type, 3))];
  }

  /// A place that may be written, of a type that `isFine`; throws when there is none.
  target(isFine) {
    for (let i = 0; i < 12; ++i) {
      const place = this.walk(2, (one) => isFine(one.type));
      if (place === null || !isFine(place.type) || place.isConstant || place.location === 'calldata') continue;
      if (place.location === 'storage' && !this.writesState) continue;
      // A local name for a place can only be made to name another one.
      if (place.isPointer && !isValue(place.type)) continue;
      return place;
    }
    throw new NothingFits();
  }

  assignment() {
    const { random } = this;
    const whole = random.oneIn(4);
    const place = this.target((type) => (whole ? !hasMapping(type) : isValue(type)));
    if (isValue(place.type)) return [this.valueAssignment(place)];
    // A name of a memory object is made to name another one; what is in the state is copied.
    return [`${place.text} = ${this.expression(place.type, 2)};`];
  }

  valueAssignment({ text, type }) {
    const { random } = this;
    const value = this.expression(type, 3);
    if (type.kind === 'int' && random.oneIn(2)) {
      const operator = random.pick(['+=', '-=', '*=', '+=', '-=', '/=', '%=', '&=', '|=', '^=']);
      return `${text} ${operator} ${value};`;
    }
    if (type.kind === 'int' && random.oneIn(6)) return `${text} ${random.pick(['<<=', '>>='])} ${this.expression(uint(8), 2)};`;
    return `${text} = ${value};`;
  }

  step() {
    const { text } = this.target((type) => type.kind === 'int');
    const operator = this.random.pick(['++', '--', '++']);
    return [this.random.oneIn(2) ? `${operator}${text};` : `${text}${operator};`];
  }

  choice(depth) {
    const { random } = this;
    const list = [{ head: `if (${this.boolean(3)}) {`, body: this.block(random.between(1, 3), depth - 1), tail: '}' }];
    if (random.oneIn(2)) list.push({ head: 'else {', body: this.block(random.between(1, 2), depth - 1), tail: '}' });
    // The two belong together.
    return list.length === 1 ? list : [{ head: '', body: list, tail: '', isWhole: true }];
  }

  loop(depth) {
    const { random } = this;
    const name = this.fresh();
    const count = random.oneIn(2) ? String(random.between(1, 6)) : `${this.expression(uint(8), 2)} % ${random.between(2, 6)}`;
    const scope = this.scope.length;
    // Not to be written, so that the loop ends.
    this.scope.push({ name, type: U256, location: 'calldata' });
    this.loops += 1;
    const body = this.block(random.between(1, 3), depth - 1);
    this.loops -= 1;
    this.scope.length = scope;
    const step = random.pick([`${name}++`, `++${name}`, `${name} += ${random.between(1, 2)}`]);
    return random.choose([
      [5, () => [{ head: `for (uint256 ${name} = ${random.below(2)}; ${name} < ${count}; ${step}) {`, body, tail: '}' }]],
      [1, () => [{ head: `{ uint256 ${name}; while (${name}++ < ${count}) {`, body, tail: '} }' }]],
      [1, () => [{ head: `{ uint256 ${name}; do {`, body, tail: `} while (++${name} < ${count}); }` }]],
    ]);
  }

  uncheckedBlock(depth) {
    this.unchecked = true;
    const body = this.block(this.random.between(1, 3), depth - 1);
    this.unchecked = false;
    return [{ head: 'unchecked {', body, tail: '}' }];
  }

  /// push and pop.
  growth() {
    const { random } = this;
    const isFine = (type) => (type.kind === 'array' && !type.length && !hasMapping(type)) || type.kind === 'bytes';
    const place = this.target(isFine);
    if (place.location !== 'storage') throw new NothingFits();
    const element = place.type.kind === 'bytes' ? fixedBytes(1) : place.type.element;
    return [random.choose([
      [6, () => `${place.text}.push(${this.expression(element, 2)});`], [1, () => `${place.text}.push();`], [1, () => `${place.text}.pop();`],
      [2, () => `if (${place.text}.length > ${random.between(0, 3)}) ${place.text}.pop();`],
    ])];
  }

  deletion() {
    const place = this.target((type) => !hasMapping(type));
    return [`delete ${place.text};`];
  }

  emission() {
    if (this.events.length === 0) throw new NothingFits();
    const event = this.random.pick(this.events);
    return [`emit ${event.name}(${event.parameters.map(({ type }) => this.expression(type, 2)).join(', ')});`];
  }

  /// What ends the call when something holds, or does not.
  demand() {
    const { random } = this;
    const error = () => { const one = random.pick(this.errors); return `${one.name}(${one.parameters.map(({ type }) => this.expression(type, 2)).join(', ')})`; };
    // Mostly it holds.
    const condition = () => (random.oneIn(2) ? `${this.boolean(2)} || ${this.boolean(2)} || ${this.boolean(1)}` : `${this.expression(uint(8), 2)} != ${random.below(256)}`);
    return [random.choose([
      [2, () => `require(${condition()}, "${random.pick(['no', 'not this', 'a message that is longer than thirty-two bytes'])}");`], [1, () => `require(${condition()});`], [1, () => `assert(${condition()});`],
      [this.errors.length ? 3 : 0, () => `if (!(${condition()})) revert ${error()};`], [1, () => `if (!(${condition()})) revert("gone");`], [1, () => `if (!(${condition()})) revert();`],
    ])];
  }

  functionCall() {
    const { random } = this;
    const fitting = this.functions.filter((one) => (this.writesState ? true : one.mutability === 'pure' || (one.mutability === 'view' && this.mutability === 'view')));
    if (fitting.length === 0) throw new NothingFits();
    const one = random.pick(fitting);
    const call = this.callOf(one, 2);
    if (one.results.length === 0 || random.oneIn(4)) return [`${call};`];
    if (one.results.length === 1) return [this.declare(one.results[0], call)];
    const kept = one.results.map((type) => (random.oneIn(4) ? null : { type, name: this.fresh() }));
    for (const each of kept) if (each) this.scope.push({ name: each.name, type: each.type, location: isValue(each.type) ? 'local' : 'memory' });
    if (kept.every((each) => each === null)) return [`${call};`];
    return [`(${kept.map((each) => (each ? `${each.type.name}${isValue(each.type) ? '' : ' memory'} ${each.name}` : '')).join(', ')}) = ${call};`];
  }

  /// (x, y) = (y, x) of two local variables.
  exchange() {
    const locals = this.scope.filter((one) => one.location === 'local');
    const one = locals.length ? this.random.pick(locals) : null;
    const other = one && locals.find((each) => each !== one && isSame(each.type, one.type));
    if (!other) throw new NothingFits();
    return [`(${one.name}, ${other.name}) = (${other.name}, ${this.expression(one.type, 2)});`];
  }

  /// A name for something in the state.
  pointer() {
    const place = this.walk(2, (one) => !isValue(one.type) && one.type.kind !== 'mapping' && this.random.oneIn(2));
    if (place === null || isValue(place.type) || place.location !== 'storage' || place.isConstant) throw new NothingFits();
    const name = this.fresh();
    this.scope.push({ name, type: place.type, location: 'storage', isPointer: true });
    return [`${place.type.name} storage ${name} = ${place.text};`];
  }

  /// What abi.encode made, taken apart again.
  decoding() {
    const { random } = this;
    const types = Array.from({ length: random.between(1, 3) }, () => (random.oneIn(3) ? this.pool.reference() : this.pool.value()));
    const values = types.map((type) => this.expression(type, 2));
    const names = types.map(() => this.fresh());
    types.forEach((type, i) => this.scope.push({ name: names[i], type, location: isValue(type) ? 'local' : 'memory' }));
    const declared = types.map((type, i) => `${type.name}${isValue(type) ? '' : ' memory'} ${names[i]}`).join(', ');
    return [`${types.length === 1 ? declared : `(${declared})`} = abi.decode(abi.encode(${values.join(', ')}), (${types.map((type) => type.name).join(', ')}));`];
  }

  returning() {
    if (this.isModifier) return 'revert("by the modifier");';
    if (this.results.length === 0) return 'return;';
    const values = this.results.map((type) => this.expression(type, 2));
    return values.length === 1 ? `return ${values[0]};` : `return (${values.join(', ')});`;
  }
}

module.exports = { StatementWriter };
