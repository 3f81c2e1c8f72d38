// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;
import {Sums, Price as Cost} from "./import_math.sol";
import * as math from "./import_math.sol";

uint256 constant TWO = 2;
function twice(uint256 x) pure returns (uint256) { return x * TWO; }

contract Uses {
    using Sums for Sums.Box;
    using Sums for uint256;
    using {twice} for uint256;
    Sums.Box box;
    Cost public cost;

    function run(uint256 v) external returns (uint256) {
        box.add(v);
        box.add({v: v.twice()});
        return v.max(box.sum()) + uint256(Sums.max(int256(-1), 2)) + Sums.LIMIT;
    }

    function pay(Cost a, math.Price b) external returns (bool) {
        cost = a + b.half();
        return cost == a;
    }

    function strict(uint256 v) external pure { require(v > 1, Sums.Empty()); }
}
