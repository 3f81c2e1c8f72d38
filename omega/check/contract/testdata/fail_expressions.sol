// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;
interface I { function pay() external payable; function get() external view returns (uint256); }
contract C {
  uint256 x;
  I other;
  struct M { mapping(uint256 => uint256) m; uint256 a; }
  M stored;
  error E(uint256 a);
  function p() public pure returns (uint256) { return x; } // error E0823
  function v() public view { x = 1; } // error E0823
  function w() public view { u(); } // error E0823
  function u() public {}
  function value() public { x = msg.value; } // error E0823
  event Twice();
  event Twice(uint256 a);
  function two() public {}
  function two(uint256 a) public {}
  uint256[] list;
  function names() public {
    two; // error E0409
    Twice; // error E0409
    require; // error E0409
    revert; // error E0409
    list.push; // error E0409
    this.two; // error E0409
  }
  function t() public {
    try u() {} catch {} // error E0817
    other.get{value: 1}(); // error E0816
    x = abi.encodePacked(1).length; // error E0818
    new C(); // error E0838
    uint8 a = 300; // error E0402
    uint8 b = x; // error E0401
    int256 c = uint256(1); // error E0401
    bool d = 1; // error E0401
    address e = address(x); // error E0404
    x = a + "s"; // error E0405
    x = -x; // error E0407
    y = 1; // error E0301
    x.foo = 1; // error E0305
    u(1); // error E0431
    E(1); // error E0563
    revert u(); // error E0562
    stored = stored; // error E0806
    uint256 f = 1; uint256 f = 2; // error E0302
    break; // error E0555
    bytes memory g = msg.data; g[0] = 1; // error E0401
    msg.data[0] = 0x01; // error E0551
    (x, x) = (1, 2, 3); // error E0422
    1 + 1 = x; // error E0551
    x = x > 1 ? 1 : "a"; // error E0408
    u = v; // error E0551
    string memory h = "a\\\0"; // error E0104
    string memory k = "\\0"; k = "\x00";
  }
  function r() public returns (uint256) { return; } // error E0558
}
