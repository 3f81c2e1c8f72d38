// SPDX-License-Identifier: Apache-2.0
// What a constructor writes, reads and calls: arrays, mappings, strings, its own functions, loops over arguments.
pragma solidity ^0.8.27;

contract ConstructorState {
    struct Seat {
        address who;
        uint16 row;
    }

    string public title;
    Seat[] public seats;
    mapping(address => uint256) public tickets;
    uint256[3] public prices = [uint256(10), 20, 30];
    uint256 public total = sum();
    bytes32 public immutable fingerprint;
    uint256 public sold;

    event Opened(string title, uint256 seats);

    constructor(string memory title_, address[] memory who, uint16[] memory rows) payable {
        title = string.concat(title_, "!");
        require(who.length == rows.length, "lengths differ");
        for (uint256 i = 0; i < who.length; i++) sell(who[i], rows[i]);
        delete prices[1];
        fingerprint = keccak256(abi.encode(title, who, rows));
        emit Opened(title, seats.length);
    }

    function sum() internal view returns (uint256 s) {
        for (uint256 i = 0; i < prices.length; i++) s += prices[i];
    }

    function sell(address who, uint16 row) public {
        assert(row < 100);
        seats.push(Seat(who, row));
        tickets[who]++;
        sold += prices[row % 3];
    }
}
