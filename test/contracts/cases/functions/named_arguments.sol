// SPDX-License-Identifier: Apache-2.0
// Arguments by name, in any order, to functions, structs, events and errors.
pragma solidity ^0.8.27;

contract NamedArguments {
    struct Point {
        int256 x;
        int256 y;
    }

    event Moved(int256 from, int256 to);
    error Wrong(uint256 code, string why);

    function subtract(uint256 left, uint256 right) public pure returns (uint256) {
        return left - right;
    }

    function swapped() external pure returns (uint256, uint256) {
        return (subtract({left: 10, right: 3}), subtract({right: 1, left: 5}));
    }

    function point() external pure returns (int256, int256) {
        Point memory p = Point({y: 2, x: -1});
        return (p.x, p.y);
    }

    function move(int256 x) external {
        emit Moved({to: x, from: -x});
    }

    function fail() external pure {
        revert Wrong({why: "named", code: 4});
    }

    function orderOfEffects() external returns (uint256) {
        counter = 0;
        return subtract({left: next() * 10, right: next()});
    }

    uint256 counter;

    function next() private returns (uint256) {
        return ++counter;
    }
}
