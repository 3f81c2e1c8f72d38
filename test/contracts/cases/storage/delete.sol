// SPDX-License-Identifier: Apache-2.0
// delete on variables of every kind.
pragma solidity ^0.8.27;

contract Delete {
    enum State { Off, On }

    struct Part {
        uint8 x;
        int256[2] pair;
        mapping(uint256 => uint256) kept;
    }

    uint256 number = 5;
    bool flag = true;
    address who = msg.sender;
    bytes4 data = "abcd";
    State state = State.On;
    int64[3] fixedList = [int64(-1), -2, -3];
    uint256[][] rows;
    string text = "text";
    Part part;

    function fill() external {
        rows.push([uint256(1), 2]);
        part.x = 8;
        part.pair = [int256(-5), 6];
        part.kept[1] = 11;
    }

    function values() external view returns (uint256, bool, address, bytes4, State, string memory) {
        return (number, flag, who, data, state, text);
    }

    function lists() external view returns (int64[3] memory, uint256[][] memory, uint8, int256[2] memory, uint256) {
        return (fixedList, rows, part.x, part.pair, part.kept[1]);
    }

    function some() external {
        delete fixedList[1];
        delete rows[0][1];
        delete part.pair[0];
    }

    function everything() external {
        delete number;
        delete flag;
        delete who;
        delete data;
        delete state;
        delete fixedList;
        delete rows;
        delete text;
        delete part;
    }

    function locals() external pure returns (uint256 x, uint256[] memory list, uint256[2] memory pair) {
        x = 5;
        list = new uint256[](3);
        pair = [uint256(1), 2];
        delete x;
        delete list;
        delete pair;
    }
}
