// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;
import {Price, half} from "./import_math.sol";
import {Price as Price} from "./import_math.sol";
import "./import_math.sol"; // error E0302
import {half as Price} from "./import_math.sol"; // error E0302
function half(uint256 x) pure returns (uint256) { return x / 2; }
function half(uint256 y) pure returns (uint256) { return y / 3; } // error E0304
library Sums {}
contract UsesBoth { function f(Price p) public pure returns (Price, uint256) { return (half(p), p.half() == p ? uint256(7) : 0); } }
