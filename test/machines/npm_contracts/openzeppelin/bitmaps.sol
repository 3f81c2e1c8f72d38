// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";

contract Bits {
    using BitMaps for BitMaps.BitMap;
    BitMaps.BitMap private bits;

    function get(uint256 index) external view returns (bool) {
        return bits.get(index);
    }

    function set(uint256 index) external {
        bits.set(index);
    }

    function unset(uint256 index) external {
        bits.unset(index);
    }

    function setTo(uint256 index, bool value) external returns (bool before) {
        before = bits.get(index);
        bits.setTo(index, value);
    }
}
