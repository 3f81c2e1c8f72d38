// SPDX-License-Identifier: Apache-2.0
// Interfaces with structs and enums; public variables and functions that implement them.
pragma solidity ^0.8.27;

interface IShop {
    enum State { Open, Closed }

    struct Item {
        uint256 price;
        string name;
    }

    event Sold(uint256 indexed id, Item item);
    error SoldOut(uint256 id);

    function state() external view returns (State);
    function owner() external view returns (address);
    function item(uint256 id) external view returns (Item memory);
    function buy(uint256 id) external returns (uint256);
}

interface ICloseable {
    function close() external;
}

contract Shop is IShop, ICloseable {
    State public override state;
    address public immutable override owner;
    Item[] private items;

    constructor() {
        owner = msg.sender;
        items.push(Item(5, "pen"));
        items.push(Item({name: "book", price: 20}));
    }

    function item(uint256 id) external view returns (Item memory) {
        return items[id];
    }

    function buy(uint256 id) external override returns (uint256) {
        if (state == State.Closed) revert SoldOut(id);
        emit Sold(id, items[id]);
        return items[id].price;
    }

    function close() external {
        state = State.Closed;
    }
}
