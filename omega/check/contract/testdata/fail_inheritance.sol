// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;
abstract contract A {
  function f() public virtual returns (uint256) { return 1; }
  function g() public {}
  function h() external virtual;
  modifier m() virtual { _; }
}
contract B is A { // error E0828
  function f() public returns (uint256) { return 2; } // error E0825
  function g() public override {} // error E0825
  function none() public override {} // error E0824
}
abstract contract C is A {
  function f() public virtual override returns (uint256) { return 3; }
}
contract D is A, C { // error E0827
  function h() external override(C) {} // error E0826
}
abstract contract V is A {
  function f() internal view override returns (int256) { return 3; } // error E0825 E0825
}
contract X { function f() public virtual returns (uint256) { return 1; } }
contract Y { function f() public virtual returns (uint256) { return 1; } }
contract Z is X, Y {} // error E0827
contract Args { constructor(uint256 a) {} }
contract NoArgs is Args {} // error E0821
contract Twice is Args(1) { constructor() Args(2) {} } // error E0821
contract Clash {
  function collate_propagate_storage(bytes16 x) external {}
  function burn(uint256 amount) external {} // error E0822
}
