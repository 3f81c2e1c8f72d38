// SPDX-License-Identifier: Apache-2.0
// Modifiers that take storage references, memory and call functions; used several times; on constructors.
pragma solidity ^0.8.27;

contract ModifiersWithReferences {
    struct Quota {
        uint64 used;
        uint64 limit;
    }

    mapping(address => Quota) public quotas;
    uint256[] log;
    bool initialized;

    error Exhausted(uint64 used, uint64 limit);

    modifier counts(Quota storage quota, uint64 amount) {
        if (quota.used + amount > quota.limit) revert Exhausted(quota.used, quota.limit);
        quota.used += amount;
        _;
    }

    modifier logs(uint256[] memory values) {
        uint256 before = log.length;
        for (uint256 i = 0; i < values.length; i++) log.push(values[i] + scale());
        _;
        log.push(log.length - before);
    }

    modifier initializer() {
        require(!initialized, "again");
        initialized = true;
        _;
    }

    constructor(uint64 limit) initializer {
        quotas[msg.sender].limit = limit;
    }

    function scale() internal view virtual returns (uint256) {
        return log.length * 10;
    }

    function use(uint64 x) external counts(quotas[msg.sender], x) returns (uint64) {
        return quotas[msg.sender].used;
    }

    function twice(uint64 x) external counts(quotas[msg.sender], x) counts(quotas[msg.sender], 1) returns (uint64) {
        return quotas[msg.sender].limit - quotas[msg.sender].used;
    }

    function write(uint256[] memory x) external logs(x) returns (uint256[] memory) {
        log.push(7);
        return log;
    }

    function again() external initializer {}

    function all() external view returns (uint256[] memory) {
        return log;
    }
}
