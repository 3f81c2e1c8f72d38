// SPDX-License-Identifier: Apache-2.0
// The shortest way through a grid, by a queue in memory.
pragma solidity ^0.8.27;

contract BreadthFirst {
    error NoWay();

    function isWall(string[] calldata rows, uint256 x, uint256 y) private pure returns (bool) {
        return bytes(rows[y])[x] == "#";
    }

    function steps(string[] calldata rows) external pure returns (uint256) {
        uint256 height = rows.length;
        uint256 width = bytes(rows[0]).length;
        uint256[] memory distance = new uint256[](height * width);
        uint256[] memory queue = new uint256[](height * width);
        uint256 head = 0;
        uint256 tail = 1;
        distance[0] = 1;
        while (head < tail) {
            uint256 at = queue[head++];
            if (at == height * width - 1) return distance[at] - 1;
            for (uint256 d = 0; d < 4; d++) {
                int256 x = int256(at % width) + (d == 0 ? int256(1) : d == 1 ? -1 : int256(0));
                int256 y = int256(at / width) + (d == 2 ? int256(1) : d == 3 ? -1 : int256(0));
                if (x < 0 || y < 0 || uint256(x) >= width || uint256(y) >= height) continue;
                if (isWall(rows, uint256(x), uint256(y)) || distance[uint256(y) * width + uint256(x)] != 0) continue;
                distance[uint256(y) * width + uint256(x)] = distance[at] + 1;
                queue[tail++] = uint256(y) * width + uint256(x);
            }
        }
        revert NoWay();
    }
}
