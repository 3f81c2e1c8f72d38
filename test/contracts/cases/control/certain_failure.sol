// SPDX-License-Identifier: Apache-2.0
// What stands behind a check that always fails, and uses what was made before it.
pragma solidity ^0.8.27;

contract CertainFailure {
    uint256 public count;

    function power(bool more) external returns (bytes32 hash) {
        count++;
        int16 x = int16(-32767) ** (uint8(23) % 3);
        bytes memory data = abi.encode(x, msg.sender);
        if (more) {
            for (uint256 i = 0; i < data.length; i++) count += i;
        }
        hash = keccak256(data);
    }

    function divided(uint256[] memory list) external pure returns (uint256 sum) {
        uint256 nothing = type(uint256).min;
        uint256 length = list.length / nothing;
        for (uint256 i = 0; i < length; i++) sum += list[i];
    }
}
