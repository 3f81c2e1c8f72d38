// SPDX-License-Identifier: Apache-2.0
// differs: interpreter: arrays are no slots there
// differs: interpreter_optimized: arrays are no slots there
// differs: llvm_host: arrays are no slots there
// differs: solana: arrays are no slots there
// differs: cosmos: arrays are no slots there
// differs: move: arrays are no slots there
pragma solidity ^0.8.20;
// Writes behind the end of an array, through a place taken before it got shorter: whole arrays are written by whole slots.
contract C {
    uint32[] s;
    uint256[] w;
    constructor() { s.push(); s.push(); w.push(); w.push(); }
    function f() external returns (uint256) { (s[1], s) = (4, [0]); s = [0]; s.push(); return s[1]; }
    function g() external returns (uint256) { (w[1], w) = (4, [uint256(0)]); w = [uint256(0)]; w.push(); return w[1]; }
}
