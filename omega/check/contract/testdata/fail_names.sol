// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;
library L { struct Inside { uint256 a; } function f() internal {} }
type Circle is Circle; // error E0415
type Round is Trip;
type Trip is Round; // error E0415
error Panic(uint256 code); // error E0829
error Known(uint256 indexed code); // error E0829
event Twice(uint256 a);
event Twice(uint256 b); // error E0304
function none() pure {}
function two(uint256 a) pure {}
function two(uint256 a, uint256 b) pure {}
using {none, two} for uint256; // error E0834 E0834
contract Base {
  function f() public virtual {}
  event seen();
  function hidden() private {}
  uint256 private kept;
}
contract Derived is Base {
  error f(); // error E0302
  uint256 seen; // error E0302
  event hidden();
  event kept();
  L library_value; // error E0410
  L.Inside fine;
  mapping(address a => mapping(uint256 b => uint256 c)) names;
  mapping(address a => mapping(uint256 b => uint256 a)) same; // error E0302
  mapping(address a => uint256 a) alike; // error E0302
  uint256[2] constant list = [uint256(1), 2]; // error E0829
  uint256 immutable seven = 7;
  uint256 immutable late;
  constructor() { late = 7; }
  function g(uint256 indexed a) public {} // error E0829
  function h() public pure returns (uint256) { return seven; }
  function k() public pure returns (uint256) { return late; } // error E0823
  function m() public pure returns (uint256) { return addmod(1, 2, 0); } // error E0449
  function n() public pure returns (string memory) { return type(L).name; }
}
abstract contract Unwritten is Base {
  function f() public virtual override; // error E0825
}
library Own {
  function f() public {}
  function g() public { f(); Own.f(); } // error E0813
}
