// SPDX-License-Identifier: MIT
pragma solidity ^0.7.0; // error E0836
pragma solidity 0.8.x.y; // error E0836
pragma optimise; // error E0836
pragma abicoder v2;
uint256 constant P = Q; // error E0309
uint256 constant Q = P; // error E0309
uint256 constant WHEN = block.timestamp; // error E0450
function attached(uint256 a) pure returns (uint256) { return a; }
library Math { function twice(uint256 a) internal pure returns (uint256) { return 2 * a; } function pay() public payable {} } // error E0829
contract NoValue {}
contract TakesValue { receive() external payable {} }
contract Constants {
  uint256 constant a; // error E0450
  uint256 constant b = c; // error E0309
  uint256 constant c = b; // error E0309
  uint256 constant d = 5 + Q;
}
contract Names {
  enum E { A, B, A } // error E0302
  struct Empty {} // error E0829
  uint256 after; // error E0830
  uint256 _; // error E0830
  function f(uint256 alias) public pure returns (uint256 of) { uint256 final = alias; return final; } // error E0830 E0830 E0830
  function g() public pure { uint256 this = 1; } // error E0830
  function known() public pure returns (uint256 from, uint256 error) { from = 1; error = 2; }
}
contract Statements {
  uint256 x;
  uint256 external far; // error E0829
  modifier wraps() { unchecked { _; } } // error E0820
  function f() public wraps {
    if (x > 1) uint256 y = 2; // error E0831
    for (uint256 i = 0; i < 3; ++i) uint256 z = i; // error E0831
    while (x > 1) unchecked { --x; } // error E0831
    if (x > 1) { unchecked { --x; } } else unchecked { ++x; } // error E0831
    unchecked { unchecked { ++x; } } // error E0831
    unchecked { if (x > 1) { ++x; } }
  }
  function g() public {
    try this.g() {} catch {} catch {} // error E0817
    try this.g() {} catch Error(string memory a) {} catch Error(string memory b) {} // error E0817
    try this.g() {} catch Error(string memory a) {} catch Panic(uint256 b) {} catch (bytes memory c) {}
    this.h{value: 1}{gas: 2}(); // error E0815
    this.h{value: 1, gas: 2}();
  }
  function h() public payable {}
}
contract Literals {
  string a = "é"; // error E0832
  string b = unicode"é";
  address wrong = 0xdEADbeEF00000000000000000000000000000002; // error E0833
  address right = 0xdEADbeEF00000000000000000000000000000001;
  uint256 short = 0xdEADbeEF0000000000000000000000000000001; // error E0833
  uint256 long = 0xdEADbeEF000000000000000000000000000000001; // error E0833
  uint256 other = 0x0000deadbeef00000000000000000000000000000001;
  function f(bytes4 x) public pure returns (bytes1) { return x[4]; } // error E0427
  function g(bytes4 x) public pure returns (bytes1) { return x[3]; }
}
contract Conversions {
  function f() public pure { NoValue(0); } // error E0404
  function g(NoValue c) public { payable(c).transfer(1); } // error E0816
  function h(TakesValue c) public { payable(c).transfer(1); payable(address(c)).transfer(1); NoValue(address(0)); }
  function k() public view { abi.encodeCall(Conversions.h, TakesValue(payable(0))); } // error E0835
  function l() public view { abi.encodeCall(this.h, TakesValue(payable(0))); }
}
contract Bytes1 { fallback(bytes memory a) external returns (bytes memory) {} } // error E0829
contract Events { event Moved(uint256 a); event Other(); modifier once() { _; } modifier again(uint256 a) virtual { _; } }
contract MoreEvents is Events {
  event Moved(uint256 b); // error E0304
  event Other(uint256 b);
  modifier once() override { _; } // error E0825
  modifier again(uint256 a) { _; } // error E0825
  modifier nothing() override { _; } // error E0824
}
contract Uses {
  using Missing for uint256; // error E0301
  using NoValue for uint256; // error E0834
  using {own} for uint256; // error E0834
  using {attached, Math.twice} for uint256;
  using Math for uint256;
  function own(uint256 a) internal pure returns (uint256) { return a; }
  struct Lists { uint256[] a; mapping(uint256 => uint256) b; }
  Lists public lists; // error E0829
  Lists internal hidden;
}
contract References {
  struct Pair { uint256 left; uint256 right; }
  Pair state;
  function alone() public view { Pair storage p; p; } // error E0806
  function branch(bool b) public { Pair storage p; if (b) { p = state; } p.left = 1; } // error E0806
  function loop(uint256 n) public { Pair storage p; while (n > 0) { p = state; n--; } p.left = 1; } // error E0806
  function again(uint256 n) public { for (; n > 0; n--) { Pair storage p; if (n > 5) p = state; p.left = 1; } } // error E0806
  function unset(bool b) internal view returns (Pair storage p) { if (b) p = state; } // error E0806
  function early(bool b) internal view returns (Pair storage p) { if (b) return p; p = state; } // error E0806
  function stops(bool b) public { Pair storage p; if (b) { p = state; } else { revert(); } p.left = 1; }
  function body(uint256 n) public { Pair storage p; do { p = state; } while (n > 5); p.left = 1; }
}
library Guards { modifier guard() { _; } }
contract ForeignModifier { function f() public Guards.guard {} } // error E0819
contract OpenModifier { modifier open() virtual; function f() public open {} } // error E0828
abstract contract NotVirtual { modifier open(); function f() public open {} } // error E0814
abstract contract LeavesItOpen { modifier open() virtual; function f() public open {} }
contract StillOpen is LeavesItOpen {} // error E0828
abstract contract InnerConstructor { constructor(mapping(uint256 => uint256) storage m) { m[1] = 2; } }
contract OuterConstructor { constructor(mapping(uint256 => uint256) storage m) { m[1] = 2; } } // error E0806
contract TypedLengths { uint8 constant A = 200; uint256[A + A] wide; uint256[uint256(2)] converted; } // error E0413 E0413
library TakesFunctions {
  struct Job { function() internal f; }
  function out(Job storage job) external {} // error E0806
  function own(Job storage job) internal {}
}
contract FunctionTypes {
  struct Job { function() internal[] fs; }
  mapping(function() internal => uint256) wrong; // error E0412
  function() internal public shown; // error E0806
  function() internal internal hidden;
  function() payable paid; // error E0829
  function() returns (uint256 x) gives; // error E0829
  type F is uint256;
  function out(Job memory job) external {} // error E0806
  function take(function() internal f) public {} // error E0806
  function reads() internal view returns (uint256) { return block.number; }
  function same(uint256 a) internal pure returns (uint256) { return a; }
  function same(int256 a) internal pure returns (int256) { return a; }
  function encodes() public pure returns (bytes memory) { function(int256) pure returns (int256) f = same; return abi.encode(f); } // error E0806
  function misfits() public pure {
    function() pure returns (uint256) a = reads; // error E0401
    function() returns (int256) b = reads; // error E0401
    function(uint256) pure returns (uint256) c = same;
    function(uint256) pure returns (uint256) d = encodes; // error E0401
    c(1, 2); // error E0431
    c{value: 1}(1); // error E0815
    c("text"); // error E0401
    same; // error E0409
    new NoValue;
    new NoValue{value: 1}(); // error E0816
    new uint256[]; // error E0442
  }
  function stays() public pure { function() view returns (uint256) a = reads; a(); } // error E0823
}
contract Making { constructor() external {} } // error E0829
contract MakingInside { constructor() internal {} } // error E0829
abstract contract MakingForOthers { constructor() internal {} }
contract Takes { receive() external payable virtual {} fallback() external {} }
contract TakesToo is Takes { receive() external payable {} } // error E0825
contract TakesAgain is Takes { receive() external payable override {} fallback() external override {} } // error E0825
contract TakesNothing { fallback() external override {} } // error E0824
contract Located { function f(uint256[] memory a) public virtual {} function g(uint256[] memory a) external virtual {} }
contract LocatedElsewhere is Located {
  function f(uint256[] calldata a) public override {} // error E0825
  function g(uint256[] calldata a) external override {}
  function h(string calldata text) internal {}
  function literal() public { h("text"); } // error E0401
}
type Amount is uint256;
type OfContract is Making; // error E0415
function plus(Amount a, Amount b) pure returns (Amount) { return a; }
using {plus as +} for Amount; // error E0829
using {attached} for uint256 global; // error E0829
using Math for *; // error E0829
using {plus as +} for Amount global;
contract UsingInside { using {plus} for Amount global; } // error E0829
