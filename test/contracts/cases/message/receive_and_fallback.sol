// SPDX-License-Identifier: Apache-2.0
// refuses: move: cannot do a `receive` function
// refuses: solana: cannot do a `receive` function
// refuses: cosmos: cannot do a `receive` function
// receive takes plain value, fallback unknown functions with their data.
pragma solidity ^0.8.27;

contract ReceiveAndFallback {
    event Received(uint256 value);
    event Fallback(bytes data, uint256 value);

    receive() external payable {
        emit Received(msg.value);
    }

    fallback(bytes calldata data) external payable returns (bytes memory) {
        emit Fallback(data, msg.value);
        require(msg.value < 10, "too much");
        return bytes.concat(data, "!");
    }

    function known() external pure returns (uint256) {
        return 4;
    }
}
