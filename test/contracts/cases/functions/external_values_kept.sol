// SPDX-License-Identifier: Apache-2.0
// Values of external function types where nothing calls them: kept in every home, compared, taken apart, encoded.
pragma solidity ^0.8.27;

contract ExternalValuesKept {
    struct Job { uint8 before; function (uint256) external returns (uint256) run; uint8 behind; }
    uint8 small = 7;
    function (uint256) external returns (uint256) kept;
    function (uint256) external returns (uint256)[] list;
    mapping(uint256 => Job) jobs;

    function add(uint256 x) external pure returns (uint256) { return x + 1; }
    function twice(uint256 x) external pure returns (uint256) { return x * 2; }

    function keep(uint256 k) external returns (bool, bool, bytes4, bool) {
        bool was_set = kept.address != address(0);
        kept = k == 0 ? this.add : this.twice;
        list.push(kept);
        jobs[k] = Job(1, kept, 2);
        return (was_set, kept == this.add, kept.selector, kept.address == address(this));
    }

    function seen(uint256 k) external view returns (uint256, bool, uint8, uint8, uint8, bytes4) {
        Job memory job = jobs[k];
        return (list.length, list.length > 0 && list[list.length - 1] == job.run, job.before, job.behind, small, job.run.selector);
    }

    function encoded() external view returns (bool, uint256, uint256) {
        bytes memory data = abi.encode(kept);
        bytes memory packed = abi.encodePacked(kept);
        return (keccak256(data) == keccak256(abi.encodePacked(address(this), kept.selector, bytes8(0))), data.length, packed.length);
    }

    function clear() external returns (bytes4, bool) {
        delete kept;
        delete jobs[0];
        return (kept.selector, jobs[0].run == kept);
    }
}
