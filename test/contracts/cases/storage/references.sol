// SPDX-License-Identifier: Apache-2.0
// Storage references: aliases of one place, made anew, given to functions and back.
pragma solidity ^0.8.27;

contract References {
    struct Box {
        uint256 value;
        uint256[] items;
    }

    Box one;
    Box two;
    Box[] many;
    mapping(uint256 => Box) map;

    function pick(bool first) private view returns (Box storage) {
        return first ? one : two;
    }

    function put(Box storage box, uint256 x) private {
        box.value += x;
        box.items.push(x);
    }

    function alias_(bool first, uint256 x) external returns (uint256, uint256) {
        Box storage box = pick(first);
        put(box, x);
        Box storage same = box;
        same.value *= 2;
        return (one.value, two.value);
    }

    function rebind(uint256 x) external returns (uint256, uint256) {
        Box storage box = one;
        box.value = x;
        box = two;
        box.value = x + 1;
        return (one.value, two.value);
    }

    function assignContent() external {
        Box storage box = one;
        two = box;
        one.value = 500;
    }

    function list(uint256 x) external returns (uint256, uint256) {
        Box storage box = many.push();
        put(box, x);
        put(map[many.length], x * 2);
        Box storage last = many[many.length - 1];
        last.value += 1000;
        return (many[many.length - 1].value, map[many.length].value);
    }

    function read() external view returns (Box memory, Box memory, Box[] memory) {
        return (one, two, many);
    }
}
