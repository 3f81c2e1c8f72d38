// SPDX-License-Identifier: Apache-2.0
// Values between a script's text, the types of an ABI, and what ethers takes and gives. Strings travel as bytes, so that those that are not UTF-8 arrive whole.
'use strict';
const { packageOf } = require('../machines/packages.js');
const { ethers } = packageOf('ethers');
const { ScriptError } = require('./script.js');

/// The accounts that scripts name: one byte repeated, which shows when bytes of it are lost.
const ACCOUNTS = Object.fromEntries([['a', 'a1'], ['b', 'b2'], ['c', 'c3'], ['d', 'd4'], ['e', 'e5']].map(([name, byte]) => [name, ethers.getAddress('0x' + byte.repeat(20))]));
const hex = (bytes) => '0x' + Buffer.from(bytes).toString('hex');

/// A parameter type with each `string` in it as `bytes`.
function asBytes(type) {
  const describe = (one) => {
    let leaf = one;
    while (leaf.baseType === 'array') leaf = leaf.arrayChildren;
    const components = leaf.baseType === 'tuple' ? leaf.components.map(describe) : undefined;
    return { name: one.name ?? '', type: one.type.replace(/^string/, 'bytes'), components };
  };
  return ethers.ParamType.from(describe(type));
}

function wrong(step, value, type) {
  throw new ScriptError(`${step.file}:${step.line}: this is no ${type.format('sighash')}: ${JSON.stringify(value, (_, v) => typeof v === 'bigint' ? String(v) : v)}`);
}

function integer(step, value, type) {
  const [, sign, digits] = /^(u?)int(\d+)$/.exec(type.type);
  const bits = BigInt(digits);
  const [min, max] = sign ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
  let number;
  if (value.kind === 'number') number = value.value;
  else if (value.kind === 'name' && (value.name === 'max' || value.name === 'min')) number = (value.name === 'max' ? max : min) + (value.add ?? 0n);
  else if (value.kind === 'name' && value.name in ACCOUNTS) number = BigInt(ACCOUNTS[value.name]) + (value.add ?? 0n);
  if (number === undefined || number < min || number > max) wrong(step, value, type);
  return number;
}

function address(step, value, type, self) {
  if (value.kind === 'name' && value.add === undefined) {
    if (value.name === 'self' && self) return self;
    if (ACCOUNTS[value.name]) return ACCOUNTS[value.name];
  }
  if (value.kind === 'number' && value.value >= 0n && value.value < 2n ** 160n) return ethers.getAddress(ethers.toBeHex(value.value, 20));
  return wrong(step, value, type);
}

function bytes(step, value, type) {
  const width = /^bytes(\d+)$/.exec(type.type)?.[1];
  let content = value.bytes;
  if (!content && value.kind === 'number' && value.digits && value.digits.length % 2 === 0) content = Buffer.from(value.digits.slice(2), 'hex');
  if (!content || (width && content.length > Number(width))) return wrong(step, value, type);
  // As in Solidity, a literal shorter than bytesN fills from the left; hexadecimal digits must be all there.
  if (width && content.length < Number(width)) {
    if (value.kind !== 'string') return wrong(step, value, type);
    content = Buffer.concat([content, Buffer.alloc(Number(width) - content.length)]);
  }
  return hex(content);
}

/// What ethers takes for a written value of type `type` (asBytes gives the type to encode by).
function toAbi(step, value, type, self) {
  if (type.baseType === 'array' || type.baseType === 'tuple') {
    const is_list = value.kind === 'list' && value.open === (type.baseType === 'array' ? '[' : '(');
    const count = type.baseType === 'tuple' ? type.components.length : type.arrayLength;
    if (!is_list || (count >= 0 && value.values.length !== count)) wrong(step, value, type);
    return value.values.map((one, i) => toAbi(step, one, type.baseType === 'array' ? type.arrayChildren : type.components[i], self));
  }
  if (type.type === 'bool') return value.kind === 'bool' ? value.value : wrong(step, value, type);
  if (type.type === 'address') return address(step, value, type, self);
  if (type.type === 'string') return value.kind === 'string' ? hex(value.bytes) : wrong(step, value, type);
  if (type.type.startsWith('bytes')) return bytes(step, value, type);
  return integer(step, value, type);
}

/// A string's bytes as a literal: what is not printable ASCII or well-formed UTF-8 above it is `\xNN`.
function quoted(content) {
  const text = content.toString('utf8');
  const escapes = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  const escape = (byte) => escapes[String.fromCharCode(byte)] ?? (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`);
  if (Buffer.from(text).equals(content)) return `"${[...text].map((c) => (c.codePointAt(0) >= 0xa0 ? c : escape(c.codePointAt(0)))).join('')}"`;
  return `"${[...content].map(escape).join('')}"`;
}

function addressName(value, self) {
  if (self && value.toLowerCase() === self.toLowerCase()) return 'self';
  return Object.keys(ACCOUNTS).find((name) => ACCOUNTS[name] === value) ?? value;
}

/// The text of a decoded value of type `type`.
function toText(value, type, self) {
  if (type.baseType === 'array') return `[${[...value].map((one) => toText(one, type.arrayChildren, self)).join(', ')}]`;
  if (type.baseType === 'tuple') return `(${[...value].map((one, i) => toText(one, type.components[i], self)).join(', ')})`;
  if (type.type === 'string') return quoted(Buffer.from(value.slice(2), 'hex'));
  if (type.type === 'address') return addressName(value, self);
  return String(value);
}

const listText = (values, types, self) => `(${types.map((type, i) => toText(values[i], type, self)).join(', ')})`;

module.exports = { ACCOUNTS, asBytes, toAbi, listText };
