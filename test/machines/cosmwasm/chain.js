// SPDX-License-Identifier: Apache-2.0
// A chain with CosmWasm contracts in this process: the virtual machine of @oraichain/cosmwasm-vm-js, and around it what a chain does: coins, a fresh instance
// for each call, state as before when a call fails, the rules for events. Source of the rules: wasmd, x/wasm/keeper (events.go, relay of messages).
'use strict';
const { packageOf } = require('../packages.js');
const { VMInstance, BasicBackendApi, BasicKVIterStorage, QuerierBase } = packageOf('@oraichain/cosmwasm-vm-js');
const { toBech32, fromBech32 } = packageOf('@cosmjs/encoding');

const PREFIX = 'omega';
const NANOSECONDS = 1_000_000_000n;

/// The text of an address from its bytes, and back.
const addressOf = (bytes) => toBech32(PREFIX, Uint8Array.from(bytes));
const bytesOfAddress = (text) => Buffer.from(fromBech32(text).data);

class Bank extends QuerierBase {
  constructor(chain) {
    super();
    this.chain = chain;
  }

  handleQuery(request) {
    const { address, denom } = request.bank.balance;
    return { amount: { denom, amount: String(this.chain.balance(address, denom)) } };
  }
}

/// A call that the contract, or the machine, ended: `message` says why. `isTrap`: the machine did.
class CallFailed extends Error {
  constructor(message, isTrap = false) {
    super(message);
    this.isTrap = isTrap;
  }
}

/// What a chain does to the events of a contract before it keeps them.
function asKept(event) {
  if (event.type.trim().length < 2) throw new CallFailed(`a chain takes no event of the type ${JSON.stringify(event.type)}`, true);
  const attributes = event.attributes.map(({ key, value }) => {
    if (key.trim() === '' || key.startsWith('_')) throw new CallFailed(`a chain takes no attribute with the key ${JSON.stringify(key)}`, true);
    if (value.trim() === '') throw new CallFailed('older chains take no attribute without a value', true);
    return { key: key.trim(), value: value.trim() };
  });
  return { type: `wasm-${event.type.trim()}`, attributes };
}

class Chain {
  constructor() {
    this.coins = new Map();
    this.height = 1n;
    this.time = 1_700_000_000n;
    this.storage = new BasicKVIterStorage();
  }

  balance(address, denom) {
    return this.coins.get(`${denom} ${address}`) ?? 0n;
  }

  give(address, denom, amount) {
    this.coins.set(`${denom} ${address}`, this.balance(address, denom) + amount);
  }

  /// The contract whose code this is, at an address; one for each chain.
  async load(code, address) {
    this.code = code;
    this.address = address;
    this.storage = new BasicKVIterStorage();
    await this.instance();
  }

  async instance() {
    const vm = new VMInstance({ backend_api: new BasicBackendApi(PREFIX), storage: this.storage, querier: new Bank(this) });
    await vm.build(this.code, this.checksum);
    this.checksum ??= [...VMInstance.wasmCache.keys()].at(-1);
    return vm;
  }

  /// Calls an entry point with these texts, which need not be JSON, and gives its answer. Whatever it writes stays only when it answers `ok`.
  async enter(entry, texts, isReadOnly) {
    const before = this.storage.dict;
    try {
      const vm = await this.instance();
      if (isReadOnly) {
        vm.backend.storage = Object.assign(Object.create(this.storage), {
          set() { throw new CallFailed('a query wrote to the state', true); },
          remove() { throw new CallFailed('a query wrote to the state', true); },
        });
      }
      const regions = texts.map((text) => vm.allocate_bytes(Buffer.from(text)).ptr);
      const answer = JSON.parse(vm.region(vm.exports[entry](...regions)).read_str());
      if (answer.error !== undefined) throw new CallFailed(answer.error);
      return answer.ok;
    } catch (cause) {
      this.storage.dict = before;
      if (cause instanceof CallFailed) throw cause;
      throw new CallFailed(`the machine ended the call: ${cause.message}`, true);
    }
  }

  env() {
    const block = { height: Number(this.height), time: String(this.time * NANOSECONDS), chain_id: 'omega-1' };
    return JSON.stringify({ block, transaction: { index: 0 }, contract: { address: this.address } });
  }

  /// Does what a contract asked for: sends coins.
  relay({ msg, reply_on: replyOn }) {
    const { to_address: to, amount } = msg.bank.send;
    if (replyOn !== 'never' || amount.length === 0) throw new CallFailed('the bank takes no such message', true);
    bytesOfAddress(to);
    for (const coin of amount) {
      if (BigInt(coin.amount) <= 0n || this.balance(this.address, coin.denom) < BigInt(coin.amount)) throw new CallFailed('the bank cannot send so much', true);
      this.give(this.address, coin.denom, -BigInt(coin.amount));
      this.give(to, coin.denom, BigInt(coin.amount));
    }
  }

  /// instantiate or execute with the text of a message: {events, data}. `data` is what the base64 holds, null where there is none.
  async transact(entry, sender, text, funds = []) {
    const before = new Map(this.coins);
    const state = this.storage.dict;
    for (const { denom, amount } of funds) {
      if (this.balance(sender, denom) < BigInt(amount)) throw new CallFailed('the sender has less than the funds', true);
      this.give(sender, denom, -BigInt(amount));
      this.give(this.address, denom, BigInt(amount));
    }
    try {
      const answer = await this.enter(entry, [this.env(), JSON.stringify({ sender, funds }), text], false);
      answer.messages.forEach((message) => this.relay(message));
      return { events: answer.events.map(asKept), data: answer.data === null ? null : Buffer.from(answer.data, 'base64').toString() };
    } catch (cause) {
      this.coins = before;
      this.storage.dict = state;
      throw cause;
    }
  }

  /// A query with the text of a message: the text of the answer.
  async query(text) {
    return Buffer.from(await this.enter('query', [this.env(), text], true), 'base64').toString();
  }
}

module.exports = { Chain, CallFailed, addressOf, bytesOfAddress };
