// SPDX-License-Identifier: Apache-2.0
// The interpreter of IR as a machine: the program contract_player, a request a line. It compiles the sources itself, so that nothing is built for it.
'use strict';
const path = require('node:path');
const readline = require('node:readline');
const { spawn } = require('node:child_process');

const hex = (number) => BigInt(number).toString(16);

class Interpreter {
  takesCalldata = true;

  constructor(program, args) {
    this.process = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.waiting = [];
    this.process.on('error', (cause) => this.end(cause.message));
    this.process.on('close', (code, signal) => this.end(`exit code ${code ?? signal}`));
    readline.createInterface({ input: this.process.stdout }).on('line', (line) => this.waiting.shift().done(JSON.parse(line)));
  }

  /// Nothing more will be answered.
  end(why) {
    this.why = `contract_player ended: ${why}`;
    for (const { failed } of this.waiting.splice(0)) failed(new Error(this.why));
  }

  ask(...words) {
    return new Promise((done, failed) => {
      if (this.why) return failed(new Error(this.why));
      this.waiting.push({ done, failed });
      this.process.stdin.write(words.join(' ') + '\n');
    });
  }

  async load(contract, source) {
    const answer = await this.ask('load', contract, source);
    if (answer.status !== 'loaded') throw new Error(answer.why);
    return { abi: answer.abi };
  }

  async reset(funds) {
    this.self = null;
    await this.ask('reset');
    for (const [address, balance] of Object.entries(funds)) await this.ask('fund', address.slice(2), hex(balance));
  }

  message(request, { from, value, time, number, data }) {
    return this.ask(request, from.slice(2), hex(value), hex(time), hex(number), data.slice(2));
  }

  async deploy(message) {
    const answer = await this.message('deploy', message);
    if (answer.status === 'done') this.self = answer.address;
    return answer;
  }

  call(message) {
    return this.message('call', message);
  }

  async balance(address) {
    return BigInt((await this.ask('balance', address.slice(2))).balance);
  }

  async close() {
    this.process.removeAllListeners('close');
    this.process.stdin.end();
  }
}

/// The module of this machine; `args` are the player's.
const described = (args) => {
  let machine;
  return {
    target: null,
    load: (folder, contract, { source }) => machine.load(contract, source),
    open: async (options) => (machine = new Interpreter(path.join(path.dirname(options.omega), 'contract_player'), args)),
  };
};

module.exports = { ...described([]), described, Interpreter };
