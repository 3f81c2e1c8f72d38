// SPDX-License-Identifier: Apache-2.0
// Payments that flow by the second, stopped and settled.
pragma solidity ^0.8.27;

contract Streaming {
    struct Stream {
        address from;
        address to;
        uint256 rate;
        uint256 deposit;
        uint256 start;
        uint256 taken;
    }

    mapping(uint256 => Stream) public streams;
    mapping(address => uint256) public balance;
    uint256 public next = 1;

    error NotParty(uint256 id, address who);
    event Opened(uint256 indexed id, address indexed from, address indexed to, uint256 rate);
    event Closed(uint256 indexed id, uint256 paid, uint256 back);

    function fund(uint256 x) external {
        balance[msg.sender] += x;
    }

    function open(address to, uint256 rate, uint256 deposit) external returns (uint256 id) {
        require(rate > 0 && deposit >= rate, "bad stream");
        balance[msg.sender] -= deposit;
        id = next++;
        streams[id] = Stream({from: msg.sender, to: to, rate: rate, deposit: deposit, start: block.timestamp, taken: 0});
        emit Opened(id, msg.sender, to, rate);
    }

    function due(uint256 id) public view returns (uint256) {
        Stream storage s = streams[id];
        uint256 flowed = (block.timestamp - s.start) * s.rate;
        return (flowed > s.deposit ? s.deposit : flowed) - s.taken;
    }

    function take(uint256 id) public returns (uint256 amount) {
        if (msg.sender != streams[id].to) revert NotParty(id, msg.sender);
        amount = due(id);
        streams[id].taken += amount;
        balance[msg.sender] += amount;
    }

    function close(uint256 id) external {
        Stream memory s = streams[id];
        if (msg.sender != s.from && msg.sender != s.to) revert NotParty(id, msg.sender);
        uint256 amount = due(id);
        uint256 back = s.deposit - s.taken - amount;
        balance[s.to] += amount;
        balance[s.from] += back;
        delete streams[id];
        emit Closed(id, amount, back);
    }
}
