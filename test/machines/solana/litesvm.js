// SPDX-License-Identifier: Apache-2.0
// LiteSVM as a node of client.js: Agave's runtime in this process. Signatures are not checked, so that made-up keys can send.
'use strict';
const { packageOf } = require('../packages.js');
const { base58 } = require('./client.js');
const { Account, LiteSvm } = packageOf('litesvm-linux-x64-gnu');

const LAMPORTS = 10n ** 12n;
/// Where an account of the loader names the upgrade authority: behind a number of four bytes, the slot and a mark.
const AUTHORITY_AT = 13;

class Node {
  constructor() {
    this.vm = new LiteSvm();
    this.vm.setSigverify(false);
    this.vm.setBlockhashCheck(false);
    this.vm.setTransactionHistory(0n);
    this.vm.setLogBytesLimit(null);
    this.hash = base58(this.vm.latestBlockhash());
  }

  blockhash() {
    return this.hash;
  }

  fund(address, lamports = LAMPORTS) {
    this.vm.airdrop(address, lamports);
  }

  /// Puts a program at an address, with its upgrade authority. Throws what the loader says when it rejects it.
  deploy(program, address, authority) {
    this.vm.addProgram(address, program);
    const holder = Buffer.from(this.vm.getAccount(address).data().subarray(4, 36));
    const account = this.vm.getAccount(holder);
    const data = Buffer.from(account.data());
    data[AUTHORITY_AT - 1] = 1;
    authority.copy(data, AUTHORITY_AT);
    this.vm.setAccount(holder, new Account(account.lamports(), data, account.owner(), account.executable(), account.rentEpoch()));
  }

  clock(slot, time) {
    const clock = this.vm.getClock();
    clock.slot = slot;
    clock.unixTimestamp = time;
    this.vm.setClock(clock);
  }

  simulate(bytes) {
    return this.outcome(this.vm.simulateLegacyTransaction(bytes));
  }
  send(bytes) {
    return this.outcome(this.vm.sendLegacyTransaction(bytes));
  }

  outcome(answer) {
    const failure = answer.err?.();
    const meta = answer.meta ? answer.meta() : answer;
    const logs = meta.logs();
    if (!failure) return { ok: true, logs, returned: Buffer.from(meta.returnData().data()), units: unitsOf(logs) };
    const inner = failure.err?.();
    const code = typeof inner?.code === 'number' ? inner.code : undefined;
    return { ok: false, code, why: `${String(failure)}: ${logs.at(-1)}`, logs, returned: Buffer.alloc(0), units: unitsOf(logs) };
  }
}

/// What the last program that the transaction called took; those of the budget come first.
function unitsOf(logs) {
  const line = logs.findLast((one) => / consumed \d+ of \d+ compute units$/.test(one));
  return line ? Number(/ consumed (\d+) of/.exec(line)[1]) : 0;
}

module.exports = { Node };
