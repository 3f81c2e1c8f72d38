// SPDX-License-Identifier: Apache-2.0
// refuses: move: cannot do a call of another contract
// refuses: solana: cannot do a call of another contract
// refuses: cosmos: cannot do a call of another contract
// Calls through an interface to an address: this contract's own; a contract type; casts.
pragma solidity ^0.8.27;

interface ICounter {
    function add(uint256 x) external returns (uint256);
    function total() external view returns (uint256);
    function pair(string calldata s) external pure returns (string memory, uint256[] memory);
}

contract InterfaceCalls is ICounter {
    uint256 public total;
    ICounter peer;

    function add(uint256 x) external returns (uint256) {
        require(msg.sender == address(this), "from outside");
        total += x;
        return total;
    }

    function pair(string calldata s) external pure returns (string memory, uint256[] memory list) {
        list = new uint256[](bytes(s).length);
        return (string.concat(s, s), list);
    }

    function connect() external {
        peer = ICounter(address(this));
    }

    function run(uint256 x) external returns (uint256, uint256) {
        return (peer.add(x), peer.total());
    }

    function texts() external view returns (string memory s, uint256 n) {
        uint256[] memory list;
        (s, list) = peer.pair("ab");
        n = list.length;
    }

    function same() external view returns (bool, bool) {
        return (address(peer) == address(this), peer == ICounter(this));
    }
}
