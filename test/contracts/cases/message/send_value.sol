// SPDX-License-Identifier: Apache-2.0
// refuses: move: cannot do a call by address
// refuses: solana: cannot do a call by address
// Value sent on: transfer, send and call to accounts, and what is left.
pragma solidity ^0.8.27;

contract SendValue {
    event Sent(address to, uint256 value, bool done);

    constructor() payable {}

    function byTransfer(address payable to, uint256 value) external {
        to.transfer(value);
        emit Sent(to, value, true);
    }

    function bySend(address payable to, uint256 value) external returns (bool done) {
        done = to.send(value);
        emit Sent(to, value, done);
    }

    function byCall(address to, uint256 value) external returns (bool done, bytes memory data) {
        (done, data) = to.call{value: value}("");
        emit Sent(to, value, done);
    }

    function balances(address x) external view returns (uint256, uint256) {
        return (address(this).balance, x.balance);
    }
}
