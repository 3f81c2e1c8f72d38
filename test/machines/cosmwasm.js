// SPDX-License-Identifier: Apache-2.0
// The CosmWasm VM as a machine: calls and answers as JSON (cosmwasm/client.js), turned into what the ABI encodes. README.md says what a machine is.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { packageOf } = require('./packages.js');
const { ethers } = packageOf('ethers');
const { asBytes } = require('../contracts/values.js');
const { logOf } = require('./evm_log.js');
const { Chain, CallFailed, addressOf, bytesOfAddress } = require('./cosmwasm/chain.js');
const { Client } = require('./cosmwasm/client.js');

const coder = ethers.AbiCoder.defaultAbiCoder();
/// Contracts have addresses of 32 bytes; inside they are the last 20 of them.
const SELF_TEXT = addressOf(Buffer.alloc(32, 0x5e));
const SELF = ethers.getAddress('0x' + '5e'.repeat(20));

const addresses = {
  toText: (hex) => (hex === SELF ? SELF_TEXT : addressOf(Buffer.from(hex.slice(2), 'hex'))),
  fromText: (text) => ethers.getAddress(ethers.hexlify(bytesOfAddress(text).subarray(-20))),
};

class CosmWasm {
  takesCalldata = false;
  self = SELF;

  async reset(funds) {
    this.chain = new Chain();
    this.funds = funds;
  }

  async deploy(message) {
    const { artifact } = message;
    for (const [address, amount] of Object.entries(this.funds)) this.chain.give(addresses.toText(address), artifact.denomination, amount);
    this.denomination = artifact.denomination;
    await this.chain.load(artifact.module, SELF_TEXT);
    return this.answer(message, async () => {
      const { events } = await this.transact('instantiate', message, artifact.client.instantiateMessage(message.args));
      return { data: '0x', events };
    });
  }

  async call(message) {
    const { client } = message.artifact;
    const { fragment } = message;
    return this.answer(message, async () => {
      const text = client.message(fragment, message.args, addresses.toText(message.from));
      let answer = { data: null, events: [] };
      if (client.isQuery(fragment)) {
        // No funds come with a query; a function that changes nothing takes none anywhere.
        if (message.value > 0n) throw new CallFailed('refused: the function takes no funds');
        answer.data = await this.chain.query(text);
      } else {
        answer = await this.transact('execute', message, text);
      }
      const results = client.results(fragment, answer.data);
      return { data: coder.encode(fragment.outputs.map(asBytes), results), events: answer.events };
    });
  }

  transact(entry, message, text) {
    const funds = message.value > 0n ? [{ denom: this.denomination, amount: String(message.value) }] : [];
    return this.chain.transact(entry, addresses.toText(message.from), text, funds);
  }

  async answer(message, act) {
    this.chain.height = message.number;
    this.chain.time = message.time;
    const { client } = message.artifact;
    try {
      const { data, events } = await act();
      const logs = events.map((event) => client.event(event)).map(({ fragment, values }) => logOf(fragment, values));
      return { status: 'done', data, logs };
    } catch (cause) {
      if (!(cause instanceof CallFailed)) throw cause;
      return cause.isTrap ? { status: 'failed', why: cause.message } : reverted(client.failure(cause.message));
    }
  }

  async balance(address) {
    return this.chain.balance(addresses.toText(ethers.getAddress(address)), this.denomination);
  }

  async close() {}
}

/// A failure as the data that an EVM reverts with.
function reverted(failure) {
  const data = {
    panic: () => ethers.id('Panic(uint256)').slice(0, 10) + coder.encode(['uint256'], [failure.code]).slice(2),
    error: () => failure.fragment.selector + coder.encode(failure.fragment.inputs.map(asBytes), failure.values).slice(2),
    reverted: () => failure.data,
    // Arguments out of range and value for what takes none revert without data.
    refused: () => (/no such function|query it|execute it/.test(failure.why) ? null : '0x'),
    failed: () => null,
  }[failure.kind]();
  return data === null ? { status: 'failed', why: failure.why } : { status: 'reverted', data, logs: [] };
}

/// NAME.wasm and NAME.schema.json in `folder`.
function load(folder, contract) {
  const file = (name) => fs.readFileSync(path.join(folder, 'cosmos', name));
  const schema = JSON.parse(file(`${contract}.schema.json`));
  return { abi: schema.omega.solidity, module: file(`${contract}.wasm`), denomination: schema.omega.denomination, client: new Client(schema, addresses) };
}

module.exports = { target: 'cosmos', load, open: async () => new CosmWasm() };
