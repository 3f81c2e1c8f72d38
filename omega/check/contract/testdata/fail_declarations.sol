// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;
uint256 variable; // error E0308
library L { uint256 x; function pub() public pure {} } // error E0804
interface I { function f() external; function g() public; } // error E0804
contract A is L {} // error E0803
contract P {}
contract Q is P {}
contract R is P, Q {}
contract S is Q, P {} // error E0805
contract T is S, I {} // error E0828 E0828
contract Loop is Loop {} // error E0805
contract C { // error E0828
  function f() {} // error E0807
  function g(uint256[] a) public {} // error E0806
  function h(uint256 memory a) public {} // error E0806
  function k(mapping(uint256 => uint256) memory m) internal {} // error E0806
  string immutable s; // error E0808
  uint256 immutable n;
  function set() public { n = 1; } // error E0809
  event E(uint256 indexed a, uint256 indexed b, uint256 indexed c, uint256 indexed d); // error E0810
  function e() public { emit E(1, 2, 3, 4); emit P(1); E(1, 2, 3, 4); } // error E0811 E0811
  function _0() public { _; } // error E0820
  function same(uint256 a) public {}
  function same(uint256 b) public {} // error E0304
  function nobody() public; // error E0814
  function noMod() public onlyOwner {} // error E0819
  function ext() external {}
  function calls() public { ext(); I.f(); P.nothing(); } // error E0813 E0812 E0305
  function opts() public { same{value: 1}(2); } // error E0815
  function later() public { assembly { } } // error E0802
}
uint256 constant ok = 1;
