// SPDX-License-Identifier: Apache-2.0
// A reference to an element that was removed writes where nobody looks; the element is clean when it comes back by push of a value.
pragma solidity ^0.8.27;

contract DanglingReference {
    struct Item {
        uint256 x;
        uint256 y;
    }

    Item[] items;

    function run() external returns (uint256, uint256, uint256) {
        items.push(Item(1, 2));
        items.push(Item(3, 4));
        Item storage last = items[1];
        Item memory copy = items[1];
        items.pop();
        items.push(Item(5, copy.y));
        last.x += 10;
        return (items[1].x, items[1].y, items.length);
    }

    function replaced() external returns (uint256, uint256) {
        Item storage first = items[0];
        delete items[0];
        first.y = 9;
        items[0].x = 8;
        return (first.x, items[0].y);
    }
}
