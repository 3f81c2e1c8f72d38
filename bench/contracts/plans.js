// SPDX-License-Identifier: Apache-2.0
// What is called of contracts.sol, by whom. Addresses are those of three accounts.
'use strict';
const path = require('node:path');
const { packageOf } = require(path.join(__dirname, '../../test/machines/packages.js'));
const { keccak256, solidityPacked, concat } = packageOf('ethers');

const a = '0x' + 'a1'.repeat(20);
const b = '0x' + 'b2'.repeat(20);
const c = '0x' + 'c3'.repeat(20);

/// A tree of 2^8 equal leaves, but for the one that is claimed.
function merkle() {
  let node = keccak256(solidityPacked(['uint256', 'address', 'uint256'], [3, b, 1000]));
  const proof = [];
  for (let i = 0; i < 8; ++i) {
    const other = keccak256(solidityPacked(['uint256'], [i]));
    proof.push(other);
    node = BigInt(node) < BigInt(other) ? keccak256(concat([node, other])) : keccak256(concat([other, node]));
  }
  return { root: node, proof };
}
const tree = merkle();

/// Each contract's arguments of the constructor, which `a` calls, and calls: function, arguments, what it is called in tables, the sender where it is not `a`.
const plans = {
  Token: { args: [10n ** 24n], calls: [['transfer', [b, 100], 'transfer to a new holder'], ['transfer', [b, 100], 'transfer'], ['approve', [b, 10000], 'approve'], ['transferFrom', [a, c, 100], 'transferFrom to a new holder', b], ['transferFrom', [a, c, 100], 'transferFrom', b]] },
  Counter: { args: [], calls: [['increment', [], 'first increment'], ['increment', [], 'next increment']] },
  Amm: { args: [], calls: [['add', [10n ** 15n, 4n * 10n ** 15n], 'add'], ['swap', [10n ** 10n], 'swap'], ['sqrt', [2n ** 200n], 'sqrt(2^200)']] },
  Algorithms: { args: [], calls: [['sort', [64], 'bubble sort of 64'], ['sieve', [1000], 'sieve(1000)'], ['fib', [100], 'fib(100)']] },
  Merkle: { args: [tree.root], calls: [['claim', [3, b, 1000, tree.proof], 'claim, depth 8'], ['hashLoop', [100], 'hashLoop(100)']] },
};

module.exports = { a, b, c, plans };
