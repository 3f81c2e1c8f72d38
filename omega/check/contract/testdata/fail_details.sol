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
contract Unused {
  struct S { Missing1 x; } // error E0301
  event E(Missing2 x); // error E0301
  event M(mapping(uint256 => uint256) m); // error E0806
  error F(Missing3 x); // error E0301
  modifier only(Missing4 x) { _; } // error E0301
  function a(mapping(uint256 => uint256) memory m) public {} // error E0806
  function b(mapping(uint256 => uint256) storage m) external {} // error E0806
}
contract Derived is Unused {}
error Unknown(Missing5 x); // error E0301
library Places {
  struct Pair { uint256 a; }
  function f(mapping(uint256 => uint256) storage m) public {}
  function g(Pair memory p) public {}
}
contract Selectors {
  bytes4 f = Places.f.selector; // error E0802
  bytes4 g = Places.g.selector; // error E0802
}
abstract contract UnusedModifiers {
  uint256 x;
  modifier wrong(uint256 limit) virtual { require(limit < missing); _; } // error E0301
  modifier none() { x = 1; } // error E0820
  modifier typed(string memory s) { x = s; _; } // error E0401
  modifier fine(uint256[] calldata list) { if (list.length == 0) { _; return; } x += list[0]; _; }
  modifier later() virtual;
}
contract OverridesModifier is UnusedModifiers {
  modifier wrong(uint256 limit) override { require(limit < x); _; }
  modifier later() override { _; x = nothing(); } // error E0301
  function f() public wrong(1) {}
}
interface TakesMapping {
  function m(mapping(uint256 => uint256) storage a) internal; // error E0804 E0806
}
contract AsksForIt {
  bytes4 id = type(TakesMapping).interfaceId;
}
