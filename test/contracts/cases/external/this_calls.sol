// SPDX-License-Identifier: Apache-2.0
// refuses: move: cannot do a call of another contract
// refuses: solana: cannot do a call of another contract
// refuses: cosmos: cannot do a call of another contract
// Calls of the contract's own functions from outside: sender, copies of memory, reverts.
pragma solidity ^0.8.27;

contract ThisCalls {
    uint256 public counter;

    function who() external view returns (address) {
        return msg.sender;
    }

    function check() external view returns (bool, bool) {
        return (this.who() == address(this), this.who() == msg.sender);
    }

    function increase(uint256 by) external returns (uint256) {
        counter += by;
        return counter;
    }

    function twice(uint256 by) external returns (uint256, uint256) {
        return (this.increase(by), this.increase(by * 10));
    }

    function change(uint256[] memory list) external pure returns (uint256[] memory) {
        list[0] = 99;
        return list;
    }

    function isCopy() external view returns (uint256, uint256) {
        uint256[] memory x = new uint256[](1);
        uint256[] memory y = this.change(x);
        return (x[0], y[0]);
    }

    function fail(uint256 x) external returns (uint256) {
        counter += 1000;
        require(x > 5, "small");
        return x;
    }

    function passesOn(uint256 x) external returns (uint256) {
        counter++;
        return this.fail(x) + 1;
    }

    function getter() external view returns (uint256) {
        return this.counter() + 1;
    }
}
