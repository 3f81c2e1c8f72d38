// SPDX-License-Identifier: Apache-2.0
// Operations that wait, by the hash of what they do.
pragma solidity ^0.8.27;

contract Timelock {
    uint256 public immutable delay;
    mapping(bytes32 => uint256) public readyAt;
    mapping(string => uint256) public settings;

    error NotReady(bytes32 id, uint256 at);
    error Unknown(bytes32 id);
    event Scheduled(bytes32 indexed id, string key, uint256 value, uint256 at);
    event Done(bytes32 indexed id);

    constructor(uint256 delay_) {
        delay = delay_;
    }

    function idOf(string memory key, uint256 value, bytes32 salt) public pure returns (bytes32) {
        return keccak256(abi.encode(key, value, salt));
    }

    function schedule(string calldata key, uint256 value, bytes32 salt) external returns (bytes32 id) {
        id = idOf(key, value, salt);
        require(readyAt[id] == 0, "scheduled");
        readyAt[id] = block.timestamp + delay;
        emit Scheduled(id, key, value, readyAt[id]);
    }

    function cancel(bytes32 id) external {
        if (readyAt[id] < 2) revert Unknown(id);
        delete readyAt[id];
    }

    function execute(string calldata key, uint256 value, bytes32 salt) external {
        bytes32 id = idOf(key, value, salt);
        uint256 at = readyAt[id];
        if (at < 2) revert Unknown(id);
        if (block.timestamp < at) revert NotReady(id, at);
        readyAt[id] = 1;
        settings[key] = value;
        emit Done(id);
    }
}
