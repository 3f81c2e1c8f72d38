// SPDX-License-Identifier: Apache-2.0
// Money split by shares, with rounding kept back, paid on request.
pragma solidity ^0.8.27;

contract Royalties {
    address[] private payees;
    mapping(address => uint256) public shares;
    uint256 public totalShares;
    uint256 public received;
    mapping(address => uint256) public released;

    error NoShares(address who);
    error NothingDue(address who);
    event Paid(address indexed who, uint256 amount);

    constructor(address[] memory payees_, uint256[] memory shares_) {
        require(payees_.length == shares_.length && payees_.length > 0, "lengths");
        for (uint256 i = 0; i < payees_.length; i++) {
            require(payees_[i] != address(0) && shares_[i] > 0 && shares[payees_[i]] == 0, "bad payee");
            payees.push(payees_[i]);
            totalShares += shares[payees_[i]] = shares_[i];
        }
    }

    function receive_(uint256 amount) external {
        received += amount;
    }

    function due(address who) public view returns (uint256) {
        return received * shares[who] / totalShares - released[who];
    }

    function release(address who) public returns (uint256 amount) {
        if (shares[who] == 0) revert NoShares(who);
        amount = due(who);
        if (amount == 0) revert NothingDue(who);
        released[who] += amount;
        emit Paid(who, amount);
    }

    function releaseAll() external returns (uint256 sum) {
        for (uint256 i = 0; i < payees.length; i++) if (due(payees[i]) > 0) sum += release(payees[i]);
    }
}
