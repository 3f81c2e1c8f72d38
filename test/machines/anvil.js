// SPDX-License-Identifier: Apache-2.0
// anvil as a machine: revm behind a node of its own on the loopback interface, by transactions. README.md says what a machine is.
'use strict';
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');
const { load } = require('./ethereumjs.js');

const GAS = '0x1c9c380';
const binary = path.join(__dirname, 'node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil');
const hex = (number) => '0x' + BigInt(number).toString(16);

/// Starts the node; its process and the address that it listens at.
function start() {
  if (!fs.existsSync(binary)) throw new Error('anvil is not installed: run test/machines/install');
  const options = ['--port', '0', '--hardfork', 'prague', '--base-fee', '0', '--gas-price', '0', '--gas-limit', '60000000', '--auto-impersonate', '--timestamp', '1699990000'];
  const child = spawn(binary, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`anvil ended with ${code}`)));
    readline.createInterface({ input: child.stdout }).on('line', (line) => {
      const address = /Listening on (\S+)/.exec(line);
      if (address) resolve({ child, url: `http://${address[1]}` });
    });
  });
}

class Anvil {
  takesCalldata = true;

  constructor({ child, url }) {
    this.child = child;
    this.url = url;
    child.removeAllListeners('exit');
    process.once('exit', () => child.kill());
  }

  async ask(method, ...params) {
    const answer = await fetch(this.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) });
    const { result, error } = await answer.json();
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  async reset(funds) {
    await this.ask('anvil_reset');
    this.self = null;
    for (const [address, balance] of Object.entries(funds)) {
      await this.ask('anvil_setBalance', address, hex(balance));
    }
  }

  /// Blocks are made as transactions come, but a moment later.
  async receipt(hash) {
    for (let tries = 0; tries < 1000; ++tries) {
      const receipt = await this.ask('eth_getTransactionReceipt', hash);
      if (receipt) return receipt;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    throw new Error('anvil made no block');
  }

  async send(message, data, to) {
    await this.ask('evm_setNextBlockTimestamp', hex(message.time));
    const before = BigInt(await this.ask('eth_getBalance', message.from, 'latest'));
    if (before < message.value) return { status: 'failed', why: 'the sender has less than the value' };
    await this.ask('anvil_setNextBlockBaseFeePerGas', '0x0');  // a reset forgets it
    const hash = await this.ask('eth_sendTransaction', { from: message.from, to, data, value: hex(message.value), gas: GAS, gasPrice: '0x0' });
    const receipt = await this.receipt(hash);
    const trace = await this.ask('debug_traceTransaction', hash, { tracer: 'callTracer' });
    const answer = { data: trace.output ?? '0x', logs: receipt.logs.map(({ topics, data: content }) => ({ topics, data: content })), gas: BigInt(receipt.gasUsed) };
    if (receipt.status === '0x1') return { ...answer, status: 'done', created: receipt.contractAddress };
    return /revert/.test(trace.error ?? '') ? { ...answer, status: 'reverted' } : { ...answer, status: 'failed', why: trace.error };
  }

  async deploy(message) {
    const answer = await this.send(message, message.artifact.code + message.data.slice(2));
    if (answer.status === 'done') this.self = answer.created;
    return answer;
  }

  call(message) {
    return this.send(message, message.data, this.self);
  }

  async balance(address) {
    return BigInt(await this.ask('eth_getBalance', address, 'latest'));
  }

  async close() {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill();
    await ended;
  }
}

module.exports = { target: 'evm', load, open: async () => new Anvil(await start()) };
