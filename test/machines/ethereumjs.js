// SPDX-License-Identifier: Apache-2.0
// EthereumJS as a machine: an EVM in this process, by calls without transactions, so that neither gas price nor nonce plays a part. README.md says what a machine is.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { requireInstalled } = require('./packages.js');

const GAS = 30_000_000n;
const CODE_SIZE_LIMIT = 24576;

/// The packages, which are ES modules throughout: `require` takes such only from Node 20.17 on.
async function loadPackages() {
  requireInstalled();
  const [{ createVM }, { Common, Mainnet, Hardfork }, util, { createBlock }] = await Promise.all(['vm', 'common', 'util', 'block'].map((name) => import(`@ethereumjs/${name}`)));
  return { createVM, createBlock, ...util, common: new Common({ chain: Mainnet, hardfork: Hardfork.Prague }) };
}

class EthereumJs {
  takesCalldata = true;

  constructor(packages, gas) {
    Object.assign(this, { packages, gas });
  }

  address(text) {
    return this.packages.createAddressFromString(text);
  }

  /// A chain of its own: the accounts of `funds` ({address: wei}), no contract.
  async reset(funds) {
    this.vm = await this.packages.createVM({ common: this.packages.common });
    this.self = null;
    for (const [address, balance] of Object.entries(funds)) {
      await this.vm.stateManager.putAccount(this.address(address), this.packages.createAccount({ balance }));
    }
  }

  block({ time, number }) {
    const header = { timestamp: time, number, gasLimit: GAS * 2n, baseFeePerGas: 0n };
    return this.packages.createBlock({ header }, { common: this.packages.common, skipConsensusFormatValidation: true });
  }

  async run(message, data, to) {
    const { hexToBytes, bytesToHex } = this.packages;
    const caller = this.address(message.from);
    const before = await this.vm.stateManager.getAccount(caller);
    if (before.balance < message.value) return { status: 'failed', why: 'the sender has less than the value' };
    const result = await this.vm.evm.runCall({ caller, origin: caller, to, data: hexToBytes(data), value: message.value, gasLimit: this.gas, gasPrice: 0n, block: this.block(message) });
    const { exceptionError, returnValue, logs, executionGasUsed } = result.execResult;
    const answer = { data: bytesToHex(returnValue), logs: [], gas: executionGasUsed };
    if (exceptionError) {
      return exceptionError.error === 'revert' ? { ...answer, status: 'reverted' } : { ...answer, status: 'failed', why: exceptionError.error };
    }
    answer.logs = (logs ?? []).map(([, topics, content]) => ({ topics: topics.map(bytesToHex), data: bytesToHex(content) }));
    return { ...answer, status: 'done', created: result.createdAddress };
  }

  async deploy(message) {
    for (const [address, code] of Object.entries(message.artifact.libraries ?? {})) await this.vm.stateManager.putCode(this.address(address), this.packages.hexToBytes(code));
    const answer = await this.run(message, message.artifact.code + message.data.slice(2), undefined);
    if (answer.status !== 'done') return answer;
    if ((answer.data.length - 2) / 2 > CODE_SIZE_LIMIT) return { ...answer, status: 'failed', why: 'the code is too long' };
    this.self = answer.created.toString();
    return answer;
  }

  call(message) {
    return this.run(message, message.data, this.address(this.self));
  }

  async balance(address) {
    return (await this.vm.stateManager.getAccount(this.address(address)))?.balance ?? 0n;
  }

  async close() {}
}

/// The artifact in `folder`: NAME.abi and NAME.bin, the code that makes the contract in hexadecimal.
function load(folder, contract) {
  const file = (suffix) => fs.readFileSync(path.join(folder, 'evm', contract + suffix), 'utf8');
  return { abi: JSON.parse(file('.abi')), code: '0x' + file('.bin').trim().replace(/^0x/, '') };
}

module.exports = { target: 'evm', load, open: async (options) => new EthereumJs(await loadPackages(), options?.gas ?? GAS) };
