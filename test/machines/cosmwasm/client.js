// SPDX-License-Identifier: Apache-2.0
// A client of contracts that Omega compiled for CosmWasm: values of the ABI to messages in JSON and back, by CONTRACT.schema.json. It knows nothing of a machine:
// a web page would use it with CosmJS. `address` parts go through `toText` and `fromText`.
'use strict';
const { packageOf } = require('../packages.js');
const { ethers } = packageOf('ethers');

const MOST_NUMBER_BITS = 32;
const bitsOf = (type) => Number(/\d+$/.exec(type)[0]);
const isLong = (type) => type.baseType === 'array' || type.baseType === 'tuple';

/// What translates values; `addresses` is {toText(hex), fromText(text)}.
class Values {
  constructor(addresses) {
    this.addresses = addresses;
  }

  /// A value as ethers takes it (strings may be bytes) as a value of JSON.
  toJson(value, type) {
    if (type.baseType === 'array') return Array.from(value, (one) => this.toJson(one, type.arrayChildren));
    if (type.baseType === 'tuple') return Object.fromEntries(type.components.map((part, k) => [part.name, this.toJson(value[k], part)]));
    if (type.baseType === 'bool') return Boolean(value);
    if (type.baseType === 'string') return ethers.isHexString(value) ? ethers.toUtf8String(value) : value;
    if (type.baseType === 'address') return this.addresses.toText(ethers.getAddress(value));
    if (type.baseType === 'bytes') return ethers.encodeBase64(value);
    if (type.baseType.startsWith('bytes')) return ethers.hexlify(value).slice(2);
    return bitsOf(type.baseType) <= MOST_NUMBER_BITS ? Number(value) : String(value);
  }

  /// A value of JSON as ethers takes it; strings come as bytes.
  fromJson(value, type) {
    if (type.baseType === 'array') return value.map((one) => this.fromJson(one, type.arrayChildren));
    if (type.baseType === 'tuple') return type.components.map((part) => this.fromJson(value[part.name], part));
    if (type.baseType === 'bool') return value;
    if (type.baseType === 'string') return ethers.hexlify(ethers.toUtf8Bytes(value));
    if (type.baseType === 'address') return this.addresses.fromText(value);
    if (type.baseType === 'bytes') return ethers.hexlify(ethers.decodeBase64(value));
    if (type.baseType.startsWith('bytes')) return '0x' + value;
    return BigInt(value);
  }

  /// The value of an event's attribute: JSON where it begins with a quote or is no simple value, else as it is.
  fromAttribute(text, type) {
    if (isLong(type) || text.startsWith('"')) return this.fromJson(JSON.parse(text), type);
    return this.fromJson(type.baseType === 'bool' ? text === 'true' : text, type);
  }
}

class Client {
  /// `schema` is the content of CONTRACT.schema.json.
  constructor(schema, addresses) {
    this.schema = schema;
    this.interface = new ethers.Interface(schema.omega.solidity);
    this.values = new Values(addresses);
  }

  /// The row of a function by its signature in Solidity.
  row(fragment) {
    return this.schema.omega.functions.find((one) => one.solidity === fragment.format('sighash'));
  }

  arguments(names, args, types) {
    return Object.fromEntries(names.map((name, k) => [name, this.values.toJson(args[k], types[k])]));
  }

  /// The message that makes the contract.
  instantiateMessage(args) {
    return JSON.stringify(this.arguments(Object.keys(this.schema.instantiate.properties ?? {}), args, this.interface.deploy.inputs));
  }

  /// The message that calls a function, `sender` for queries that ask who asks.
  message(fragment, args, sender) {
    const row = this.row(fragment);
    const body = this.arguments(row.parameters, args, fragment.inputs);
    if (row.sender) body['msg.sender'] = sender;
    return JSON.stringify({ [row.name]: body });
  }

  isQuery(fragment) {
    return this.row(fragment).kind === 'query';
  }

  /// The results in the answer to a query, or in the data of a response (null: there are none).
  results(fragment, text) {
    if (fragment.outputs.length === 0) return [];
    const parsed = JSON.parse(text);
    return (fragment.outputs.length === 1 ? [parsed] : parsed).map((value, k) => this.values.fromJson(value, fragment.outputs[k]));
  }

  /// {fragment, values} of an event of the contract.
  event(event) {
    const row = this.schema.omega.events.find((one) => one.type === event.type);
    const fragment = this.interface.fragments.find((one) => one.type === 'event' && one.format('sighash') === row.solidity);
    return { fragment, values: event.attributes.map(({ value }, k) => this.values.fromAttribute(value, fragment.inputs[k])) };
  }

  /// Why a call failed, from the error's text: {kind: 'panic', code}, {kind: 'error', fragment, values}, {kind: 'reverted', data}, {kind: 'refused' | 'failed', why}.
  failure(text) {
    const panic = /^Panic\((\d+)\): /.exec(text);
    if (panic) return { kind: 'panic', code: BigInt(panic[1]) };
    const reverted = /^reverted(?:: (0x[0-9a-f]*))?$/.exec(text);
    if (reverted) return { kind: 'reverted', data: reverted[1] ?? '0x' };
    const error = /^([\p{ID_Start}$_][\p{ID_Continue}$]*)\((.*)\)$/su.exec(text);
    if (!error) return { kind: text.startsWith('refused: ') ? 'refused' : 'failed', why: text.replace(/^(refused|failed): /, '') };
    const args = JSON.parse(`[${error[2]}]`);
    const known = [...this.interface.fragments.filter((one) => one.type === 'error'), ethers.ErrorFragment.from('error Error(string)')];
    for (const fragment of known.filter((one) => one.name === error[1] && one.inputs.length === args.length)) {
      try {
        return { kind: 'error', fragment, values: args.map((value, k) => this.values.fromJson(value, fragment.inputs[k])) };
      } catch (cause) {
        // Another error of that name has these types.
      }
    }
    return { kind: 'failed', why: text };
  }
}

module.exports = { Client };
