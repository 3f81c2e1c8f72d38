// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;
contract A {
  modifier empty() {} // error E0820
  uint256 x;
  uint256 constant C = block.number; // error E0450
  uint256 constant D = two(); // error E0450
  uint256[3] three;
  event E(uint256 a, uint256 a); // error E0302
  function two() public pure returns (uint256) { return 2; }
  function f() public returns (uint256) { require(x > 1, E(2)); return C + D + three[3]; } // error E0427 E0811
  function A() public {} // error E0302
  function g(uint256 a) internal payable returns (uint256 a) {} // error E0829 E0302
  function h() internal returns (uint256[3] storage t) {} // error E0806
  function k() internal returns (uint256[3] storage t) { t = three; emit E(1, 2); }
  function m() public empty { }
}
