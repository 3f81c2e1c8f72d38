// SPDX-License-Identifier: Apache-2.0
// bytes in storage built byte by byte, compared and hashed.
pragma solidity ^0.8.27;

contract BytesBuilding {
    bytes buffer;
    bytes[] chunks;

    function append(bytes calldata more) external {
        for (uint256 i = 0; i < more.length; i++) buffer.push(more[i]);
    }

    function reverse() external {
        uint256 n = buffer.length;
        for (uint256 i = 0; i < n / 2; i++) (buffer[i], buffer[n - 1 - i]) = (buffer[n - 1 - i], buffer[i]);
    }

    function cut() external returns (uint256) {
        chunks.push(buffer);
        delete buffer;
        return chunks.length;
    }

    function all() external view returns (bytes memory, bytes[] memory, bytes32) {
        return (buffer, chunks, keccak256(buffer));
    }

    function lastByte() external view returns (bytes1) {
        return buffer[buffer.length - 1];
    }
}
