// SPDX-License-Identifier: Apache-2.0
// Structs and arrays left in calldata: fields, elements, lengths, passed on.
pragma solidity ^0.8.27;

contract CalldataParameters {
    struct Order {
        address who;
        uint96 amount;
        bytes note;
        uint8[3] codes;
    }

    Order stored;

    function total(Order[] calldata orders) public pure returns (uint256 s) {
        for (uint256 i = 0; i < orders.length; i++) {
            Order calldata order = orders[i];
            s += order.amount * order.codes[1] + order.note.length;
        }
    }

    function pass(Order[] calldata orders) external pure returns (uint256) {
        return total(orders) + last(orders).amount;
    }

    function last(Order[] calldata orders) private pure returns (Order calldata) {
        return orders[orders.length - 1];
    }

    function store(Order calldata order) external returns (Order memory) {
        stored = order;
        stored.codes[0] = 9;
        return stored;
    }

    function swap(uint256[2] calldata pair) external pure returns (uint256[2] memory) {
        return [pair[1], pair[0]];
    }

    function noteByte(Order calldata order, uint256 i) external pure returns (bytes1) {
        return order.note[i];
    }
}
