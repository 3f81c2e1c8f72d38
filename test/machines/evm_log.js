// SPDX-License-Identifier: Apache-2.0
// Events of machines that have their own form of them, as an EVM logs them.
'use strict';
const { packageOf } = require('./packages.js');
const { ethers } = packageOf('ethers');
const { asBytes } = require('../contracts/values.js');

const coder = ethers.AbiCoder.defaultAbiCoder();

/// An event as an EVM logs it: `{topics, data}`. `fragment` is ethers' fragment, `values` have one for each argument, strings as bytes.
function logOf(fragment, values) {
  const isLong = (type) => type.baseType === 'array' || type.baseType === 'tuple' || type.type === 'string' || type.type === 'bytes';
  const plain = fragment.inputs.map((type, i) => ({ type, value: values[i] }));
  const topics = plain.filter(({ type }) => type.indexed).map(({ type, value }) => (isLong(type) ? ethers.keccak256(inPlace(type, value)) : coder.encode([type], [value])));
  const rest = plain.filter(({ type }) => !type.indexed);
  return {
    topics: fragment.anonymous ? topics : [fragment.topicHash, ...topics],
    data: coder.encode(rest.map(({ type }) => asBytes(type)), rest.map(({ value }) => value)),
  };
}

/// The bytes whose hash stands for a long value: bytes as they are, parts in words one behind the other, without lengths.
function inPlace(type, value, isInside = false) {
  if (type.baseType === 'array') return ethers.concat(value.map((one) => inPlace(type.arrayChildren, one, true)));
  if (type.baseType === 'tuple') return ethers.concat(type.components.map((part, i) => inPlace(part, value[i], true)));
  if (type.baseType !== 'string' && type.baseType !== 'bytes') return coder.encode([type], [value]);
  const size = ethers.dataLength(value);
  return isInside ? ethers.concat([value, new Uint8Array((32 - (size % 32)) % 32)]) : value;
}

module.exports = { logOf };
