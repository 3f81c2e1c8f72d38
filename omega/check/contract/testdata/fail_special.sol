// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;
function outside(uint256[] storage a) public returns (uint256) { return a.length; } // error E0829
function replaceable() virtual {} // error E0829
function paid() payable {} // error E0829
contract A {
  uint256 internal seen;
  uint256 private hidden;
  constructor() view {} // error E0829
  constructor(uint256 a) {} // error E0302
  receive() external {} // error E0829
  fallback(bytes calldata a) external {} // error E0829
}
abstract contract B is A {
  uint256 seen; // error E0302
  uint256 hidden;
  fallback() public {} // error E0825 E0829
}
interface I { constructor(); } // error E0804 E0829
library L {
  struct R { R[] more; }
  function f(R memory r) internal pure returns (bytes memory) { return abi.encode(r); } // error E0806
}
contract D {
  struct R { R[] more; mapping(uint256 => R) named; }
  struct S { S inner; } // error E0311
  S s;
  R r;
  function f(uint256[] calldata a, bytes calldata b) external {
    bytes32 hash = address(this).codehash; // error E0802
    uint256[] memory c = [uint256(1), 2]; // error E0401
    bytes memory code = address(this).code; // error E0802
    string(b)[0]; // error E0425
    a[1:][0];
  }
}
contract E {
  uint256 transient fine;
  uint256[] transient list; // error E0837
  uint256 transient five = 5; // error E0837
  uint256 immutable transient six; // error E0837
  function f() external {
    ++fine;
  }
}
contract F {
  function make() external { new G(); }
}
contract G {
  F inner = new F(); // error E0838
}
