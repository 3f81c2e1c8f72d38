// SPDX-License-Identifier: Apache-2.0
// Reading of call scripts (.calls): text to a list of steps. README.md has the form.
'use strict';

/// A mistake in a file of a case; its message begins with `FILE:LINE: `.
class ScriptError extends Error {}

const NAME = /[A-Za-z_$][\w$]*/y;
const SPACE = /[ \t]*/y;
const NUMBER = /0x[0-9a-fA-F]*|[0-9][0-9_]*/y;
const UNITS = { wei: 1n, gwei: 10n ** 9n, ether: 10n ** 18n, seconds: 1n, minutes: 60n, hours: 3600n, days: 86400n, weeks: 604800n };
const MAX_DEPTH = 32;

/// Reads one line from left to right.
class LineReader {
  constructor(text, file, line) {
    Object.assign(this, { text, file, line, at: 0, depth: 0 });
  }

  fail(message) {
    throw new ScriptError(`${this.file}:${this.line}: ${message}, at column ${this.at + 1}: ${this.text}`);
  }

  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) return null;
    this.at = pattern.lastIndex;
    return found[0];
  }

  space() {
    this.match(SPACE);
  }

  peek() {
    this.space();
    return this.text[this.at];
  }

  take(character) {
    if (this.peek() !== character) return false;
    this.at += 1;
    return true;
  }

  expect(character) {
    if (!this.take(character)) this.fail(`expected \`${character}\``);
  }

  name() {
    this.space();
    return this.match(NAME) ?? this.fail('expected a name');
  }

  end() {
    if (this.peek() !== undefined && this.peek() !== '#') this.fail('expected the end of the line');
  }

  /// Values between `open`, already taken, and `close`.
  list(close) {
    const values = [];
    if (this.take(close)) return values;
    do values.push(this.value());
    while (this.take(','));
    this.expect(close);
    return values;
  }

  /// A value as written; values.js gives it the type that the contract has for it.
  value() {
    if (++this.depth > MAX_DEPTH) this.fail(`more than ${MAX_DEPTH} values inside each other`);
    const value = this.writtenValue();
    this.depth -= 1;
    return value;
  }

  writtenValue() {
    const next = this.peek();
    if (next === '[' || next === '(') {
      this.at += 1;
      return { kind: 'list', values: this.list(next === '[' ? ']' : ')'), open: next };
    }
    if (next === '"') return { kind: 'string', bytes: this.string() };
    if (next === '-' || /[0-9]/.test(next ?? '')) return this.number();
    const word = this.name();
    if (word === 'hex') return { kind: 'bytes', bytes: this.hexString() };
    if (word === 'true' || word === 'false') return { kind: 'bool', value: word === 'true' };
    if (word === 'repeat') return this.repetition();
    return this.sum({ kind: 'name', name: word });
  }

  /// repeat("x", 40): bytes, one after the other.
  repetition() {
    this.expect('(');
    const piece = this.value();
    this.expect(',');
    const count = this.number().value;
    this.expect(')');
    if (!piece.bytes || count < 0n || count > 100000n) this.fail('`repeat` takes a string or hex"…" and a count up to 100000');
    return { ...piece, bytes: Buffer.concat(Array(Number(count)).fill(piece.bytes)) };
  }

  string() {
    this.expect('"');
    const parts = [];
    for (;;) {
      const plain = this.match(/[^"\\]*/y);
      parts.push(Buffer.from(plain));
      if (this.text[this.at] === '"') break;
      const escape = this.match(/\\(?:x[0-9a-fA-F]{2}|[nrt"\\])/y) ?? this.fail('unfinished string, or an unknown escape');
      const simple = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' }[escape[1]];
      parts.push(simple ? Buffer.from(simple) : Buffer.from(escape.slice(2), 'hex'));
    }
    this.at += 1;
    return Buffer.concat(parts);
  }

  hexString() {
    const digits = this.match(/"(?:[0-9a-fA-F]{2})*"/y) ?? this.fail('expected pairs of hexadecimal digits in quotes');
    return Buffer.from(digits.slice(1, -1), 'hex');
  }

  /// `-5`, `0xff`, `1 ether`, `2**255 - 1`.
  number() {
    const negative = this.take('-');
    const digits = this.match(NUMBER) ?? this.fail('expected a value');
    if (digits.startsWith('0x') && !negative && this.peek() !== '*') return this.sum({ kind: 'number', value: BigInt(digits === '0x' ? 0 : digits), digits });
    let value = BigInt(digits.replace(/_/g, ''));
    if (this.text.startsWith('**', this.at)) {
      this.at += 2;
      this.space();
      const exponent = BigInt(this.match(/[0-9]+/y) ?? this.fail('expected an exponent'));
      if (exponent > 1024n) this.fail('an exponent above 1024');
      value **= exponent;
    }
    this.space();
    const unit = this.match(/(?:wei|gwei|ether|seconds|minutes|hours|days|weeks)\b/y);
    if (unit) value *= UNITS[unit];
    return this.sum({ kind: 'number', value: negative ? -value : value });
  }

  /// What is added to a number or to `max` and `min`: `max - 1`.
  sum(value) {
    for (;;) {
      const sign = this.peek();
      if (sign !== '+' && sign !== '-') return value;
      this.at += 1;
      this.space();
      const digits = BigInt(this.match(NUMBER) ?? this.fail('expected a number'));
      const more = sign === '-' ? -digits : digits;
      value = value.kind === 'number' ? { kind: 'number', value: value.value + more } : { ...value, add: (value.add ?? 0n) + more };
    }
  }

  /// {from: a, value: 3}
  options() {
    const options = {};
    if (!this.take('{')) return options;
    if (this.take('}')) return options;
    do {
      const name = this.name();
      if (name !== 'from' && name !== 'value') this.fail('the options are `from` and `value`');
      if (name in options) this.fail(`a second \`${name}\``);
      this.expect(':');
      options[name] = this.value();
    } while (this.take(','));
    this.expect('}');
    return options;
  }
}

/// The step that a line says: {kind: new|call|raw|time|balance, text, file, line, …}.
function readStep(text, file, line) {
  const reader = new LineReader(text, file, line);
  const step = { text: text.replace(/\s+#[^"]*$/, '').trim(), file, line };
  const word = reader.name();
  const isCall = reader.peek() === '(' || reader.text[reader.at] === ':';
  if (word === 'time' && !isCall) {
    reader.expect('+');
    Object.assign(step, { kind: 'time', seconds: reader.number().value });
  } else if (word === 'balance' && !isCall) {
    Object.assign(step, { kind: 'balance', who: reader.name() });
  } else if (word === 'raw' && !isCall) {
    reader.space();
    const digits = reader.match(/0x(?:[0-9a-fA-F]{2})*(?![0-9a-fA-F])/y) ?? reader.fail('expected 0x and pairs of hexadecimal digits');
    Object.assign(step, { kind: 'raw', data: digits, options: reader.options() });
  } else {
    const types = reader.text[reader.at] === ':' ? reader.match(/:\S*/y).slice(1) : null;
    if (word === 'new' ? types !== null : reader.peek() !== '(') reader.fail('expected arguments in parentheses');
    const args = reader.take('(') ? reader.list(')') : [];
    Object.assign(step, { kind: word === 'new' ? 'new' : 'call', name: word, types, args, options: reader.options() });
  }
  reader.end();
  return step;
}

/// The steps of a script. It has exactly one `new`, as its first step; where it has none, `new ()` is meant.
function readScript(text, file) {
  const steps = [];
  text.split('\n').forEach((line, index) => {
    if (/^\s*(#|$)/.test(line)) return;
    steps.push(readStep(line, file, index + 1));
  });
  if (steps[0]?.kind !== 'new') steps.unshift({ kind: 'new', name: 'new', text: 'new ()', args: [], options: {}, file, line: 1 });
  const second = steps.slice(1).find((step) => step.kind === 'new');
  if (second) throw new ScriptError(`${file}:${second.line}: \`new\` is the first step or none`);
  return steps;
}

module.exports = { ScriptError, readScript };
