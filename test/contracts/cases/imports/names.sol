// SPDX-License-Identifier: Apache-2.0
// Imports of all names, of some under other names, of a file under a name, of files that import each other.
pragma solidity ^0.8.27;

import {Box, doubled as twice, Boxes, Shaped} from "./names/Shapes.sol";
import * as Units from "./names/deeper/Units.sol";
import "./names/deeper/Units.sol" as Same;

contract Names is Shaped {
    using Boxes for Box[];

    Box public last;

    function make(uint256 width) external returns (Box memory) {
        Box memory box = twice(Box(width, Units.Unit.Foot));
        last = box;
        emit Made(box);
        return box;
    }

    function limit() external pure returns (uint256, uint256, Same.Unit) {
        return (Units.LIMIT, Same.scale(Units.LIMIT, 1), type(Units.Unit).max);
    }

    function sum(Box[] memory list) external pure returns (uint256) {
        return list.total() + Units.widthOf(list[0]);
    }

    function kind() public pure override returns (string memory) {
        return string.concat("names, ", super.kind());
    }
}
