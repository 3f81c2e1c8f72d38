// SPDX-License-Identifier: Apache-2.0
// A public function called from inside takes its data in place; what it changes in memory is seen.
pragma solidity ^0.8.27;

contract PublicAndInternal {
    uint256[] public log;

    function fill(uint256[] memory list, uint256 x) public returns (uint256) {
        for (uint256 i = 0; i < list.length; i++) list[i] = x + i;
        log.push(list.length);
        return list.length;
    }

    function inside() external returns (uint256[] memory list) {
        list = new uint256[](3);
        fill(list, 5);
    }

    function sender() public view returns (address) {
        return msg.sender;
    }

    function senderInside() external view returns (address, address) {
        return (sender(), msg.sender);
    }

    function count() external view returns (uint256) {
        return log.length;
    }
}
