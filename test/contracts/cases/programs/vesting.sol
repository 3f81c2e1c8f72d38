// SPDX-License-Identifier: Apache-2.0
// Tokens released linearly after a cliff.
pragma solidity ^0.8.27;

contract Vesting {
    struct Grant {
        uint128 total;
        uint128 taken;
        uint64 start;
        uint32 cliff;
        uint32 duration;
        bool revoked;
    }

    address public immutable admin = msg.sender;
    mapping(address => Grant) public grants;

    error NothingYet();
    event Granted(address indexed who, Grant grant);
    event Taken(address indexed who, uint128 amount);

    function grant(address who, uint128 total, uint32 cliff, uint32 duration) external {
        require(msg.sender == admin, "admin only");
        require(grants[who].total == 0 && duration > 0 && cliff <= duration, "bad grant");
        grants[who] = Grant(total, 0, uint64(block.timestamp), cliff, duration, false);
        emit Granted(who, grants[who]);
    }

    function vested(address who) public view returns (uint128) {
        Grant memory g = grants[who];
        uint256 passed = block.timestamp - g.start;
        if (g.revoked || passed >= g.duration) return g.total;
        if (passed < g.cliff) return 0;
        return uint128(uint256(g.total) * passed / g.duration);
    }

    function take() external returns (uint128 amount) {
        Grant storage g = grants[msg.sender];
        require(g.total > 0, "no grant");
        amount = vested(msg.sender) - g.taken;
        if (amount == 0) revert NothingYet();
        g.taken += amount;
        emit Taken(msg.sender, amount);
    }

    function revoke(address who) external returns (uint128 back) {
        require(msg.sender == admin, "admin only");
        uint128 done = vested(who);
        back = grants[who].total - done;
        grants[who].total = done;
        grants[who].revoked = true;
    }
}
