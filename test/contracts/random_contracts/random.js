// SPDX-License-Identifier: Apache-2.0
// Numbers that follow from a seed alone.
'use strict';

/// mulberry32, which passes the usual statistical tests and needs 32 bits of state (public domain, Tommy Ettinger).
class Random {
  constructor(seed) {
    this.state = seed >>> 0;
    // Seeds that lie side by side give unlike beginnings.
    this.bits();
  }

  bits() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /// A number in [0, count).
  below(count) {
    return this.bits() % count;
  }

  /// A number in [from, to].
  between(from, to) {
    return from + this.below(to - from + 1);
  }

  /// True once in `count` times.
  oneIn(count) {
    return this.below(count) === 0;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /// Calls one of the [weight, function] pairs.
  choose(choices) {
    let rest = this.below(choices.reduce((sum, [weight]) => sum + weight, 0));
    return choices.find(([weight]) => (rest -= weight) < 0)[1]();
  }

  /// A whole number of so many bits.
  wide(bits) {
    let value = 0n;
    for (let have = 0; have < bits; have += 32) value = (value << 32n) | BigInt(this.bits());
    return BigInt.asUintN(bits, value);
  }
}

module.exports = { Random };
