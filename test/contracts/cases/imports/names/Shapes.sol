// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {scale, Unit as Measure} from "./deeper/Units.sol";

struct Box {
    uint256 width;
    Measure unit;
}

function doubled(Box memory box) pure returns (Box memory) {
    return Box(scale(box.width, 2), box.unit);
}

library Boxes {
    function total(Box[] memory list) internal pure returns (uint256 s) {
        for (uint256 i = 0; i < list.length; i++) s += list[i].width;
    }
}

abstract contract Shaped {
    event Made(Box box);

    function kind() public pure virtual returns (string memory) {
        return "shaped";
    }
}
