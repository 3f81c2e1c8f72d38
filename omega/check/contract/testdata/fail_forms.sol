// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;
function bodiless() pure; // error E0814
function overriding() pure override {} // error E0824
uint256 public constant SEEN = 7; // error E0829
abstract interface AbstractInterface {} // error E0804
abstract library AbstractLibrary {} // error E0804
type Int is int128;
enum Colour { Red, Green }
using { plus as +, minus as -, times as *, less as <, inverse as ~, changing as / } for Int global; // error E0834 E0834 E0834 E0834 E0834
using { mixed as + } for Colour global; // error E0834
using { Held.inside as % } for Int global; // error E0834
function plus(Int a, Int b) pure returns (Int) { return Int.wrap(Int.unwrap(a) + Int.unwrap(b)); }
function minus(Int, int128 b) pure returns (Int) { return Int.wrap(b); }
function times(Int a, Int) pure returns (int128) { return Int.unwrap(a); }
function less(Int a, Int) pure returns (Int) { return a; }
function inverse(Int a, Int) pure returns (Int) { return a; }
function changing(Int a, Int) returns (Int) { return a; }
function mixed(Colour a, Colour) pure returns (Colour) { return a; }
library Held {
  modifier mayChange() virtual { _; } // error E0829
  function inside(Int a, Int) internal pure returns (Int) { return a; }
  function hidden(uint256 a) private pure returns (uint256) { return a; }
  function varies() internal virtual {} // error E0829
  function above() internal { super; } // error E0301
}
using { Held.hidden } for uint256; // error E0834
interface Given {
  using Held for uint256; // error E0829
  function guarded() external only; // error E0829
}
abstract contract Shapes {
  constructor() public {} // error E0829
  uint256 override count; // error E0824
  function nobody() private virtual {} // error E0829
  modifier only() { _; }
  function later() public virtual only; // error E0829
}
contract Made {
  constructor(uint256[] calldata) {} // error E0829
}
contract First { modifier guards() virtual { _; } constructor() {} error Seen(uint256 a); function own() private {} function inside() internal {} }
contract Second { modifier guards() virtual { _; } }
contract Both is First, Second {} // error E0827
contract Derived is First {
  constructor() First {} // error E0821
  error Seen(bytes32 a); // error E0302
  function f() public { First.own(); } // error E0305
}
contract Stranger { function f() public pure { First.inside; } } // error E0305
abstract contract Unwritten { modifier guards() virtual; }
contract Written is Unwritten {
  modifier guards() override { _; }
  function f() public Unwritten.guards {} // error E0814
}
contract Errors {
  error gsf();
  error tgeo(); // error E0822
  error test266151307(); // error E0829
  error Far(uint256[] memory a); // error E0806
  receive() external payable { msg.data; } // error E0829
}
contract Fixed {
  uint256 immutable x;
  function() external immutable f; // error E0808
  modifier sets() { x = 23; _; } // error E0809
  constructor() sets {}
}
contract TakesValue { receive() external payable {} }
contract Addresses {
  function f(address a) public pure {
    payable(uint160(0)); // error E0404
    payable(bytes20(0)); // error E0404
    payable(2); // error E0404
    payable(0);
    payable(address(2));
    uint160(payable(0)); // error E0404
    TakesValue(a); // error E0404
    TakesValue(payable(a));
  }
}
