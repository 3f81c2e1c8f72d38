// SPDX-License-Identifier: Apache-2.0
// Between storage and memory everything is copied, whole; changes of one are not seen in the other.
pragma solidity ^0.8.27;

contract MemoryCopies {
    struct Item {
        uint256 id;
        uint8[] tags;
        string name;
    }

    Item item;
    Item[] items;
    uint256[] numbers;

    function write(uint256 id) external {
        uint8[] memory tags = new uint8[](2);
        tags[0] = 1;
        tags[1] = uint8(id);
        Item memory x = Item(id, tags, "item");
        item = x;
        items.push(x);
        tags[0] = 200;
        x.id = 77;
        items.push(x);
    }

    function readAndChange() external view returns (Item memory x, uint256 stored) {
        x = item;
        x.id++;
        x.tags[0] = 50;
        x.name = "changed";
        stored = item.id;
    }

    function all() external view returns (Item memory, Item[] memory) {
        return (item, items);
    }

    function storageToStorage() external {
        items[0] = items[1];
        items[1].tags[1] = 255;
        items[1].id = 0;
    }

    function sortNumbers(uint256[] memory x) external returns (uint256[] memory, uint256[] memory) {
        numbers = x;
        x[0] = 1000;
        uint256[] memory back = numbers;
        back[1] = 2000;
        return (numbers, back);
    }
}
