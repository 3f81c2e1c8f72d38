// SPDX-License-Identifier: Apache-2.0
// Subsets under a limit: values in a table, and which ones, as a bit set.
pragma solidity ^0.8.27;

contract Knapsack {
    function best(uint256[] calldata weights, uint256[] calldata values, uint256 limit) external pure returns (uint256 value, uint256 chosen) {
        require(weights.length == values.length && weights.length < 256, "lengths");
        uint256[] memory most = new uint256[](limit + 1);
        uint256[] memory sets = new uint256[](limit + 1);
        for (uint256 i = 0; i < weights.length; i++) {
            for (uint256 room = limit; room >= weights[i]; room--) {
                uint256 with = most[room - weights[i]] + values[i];
                if (with > most[room]) {
                    most[room] = with;
                    sets[room] = sets[room - weights[i]] | (1 << i);
                }
                if (room == 0) break;
            }
        }
        return (most[limit], sets[limit]);
    }
}
