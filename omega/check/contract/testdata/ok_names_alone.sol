// SPDX-License-Identifier: MIT
// A name alone is a statement that does nothing: solc warns and goes on. What it is made of is still evaluated.
pragma solidity ^0.8.20;
interface I { function g() external payable; }
library L { event Seen(); struct S { uint256 a; } function f(uint256) internal {} }
contract C {
  event E(uint256 a);
  error X(uint256 a);
  struct S { uint256 a; }
  enum N { A }
  uint256[] xs;
  function next() internal returns (uint256) { xs.push(1); return xs.length; }
  function h(address a, I i) public {
    a.call{value: next()};
    a.call;
    i.g{value: 1, gas: 2};
    i.g;
    E;
    X;
    S;
    N;
    C;
    L;
    L.f;
    L.S;
    L.Seen;
    h;
    this.h;
    uint256;
    xs;
    xs[next()];
    abi;
    abi.encode;
    msg;
    type(uint256);
    keccak256;
    super;
    payable(a).transfer;
  }
}
