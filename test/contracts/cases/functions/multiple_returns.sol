// SPDX-License-Identifier: Apache-2.0
// Several results, named and not; left out, swapped, nested.
pragma solidity ^0.8.27;

contract MultipleReturns {
    uint256 public stored;

    function three() public pure returns (uint256 x, bool y, string memory z) {
        x = 7;
        z = "seven";
        y = true;
    }

    function unnamed(uint256 x) public pure returns (uint256, uint256) {
        return (x / 10, x % 10);
    }

    function pass() external pure returns (uint256, bool, string memory) {
        return three();
    }

    function some() external returns (uint256 r, string memory s) {
        (r, , s) = three();
        (stored, ) = unnamed(42);
        (, uint256 ones) = unnamed(58);
        r += ones;
    }

    function declared(uint256 x) external pure returns (uint256) {
        (uint256 tens, uint256 ones) = unnamed(x);
        (tens, ones) = (ones, tens);
        return tens * 10 + ones;
    }

    function missing(bool set) external pure returns (uint256 x, address who, bytes memory data, int8 small) {
        if (set) (x, small) = (1, -1);
    }

    function ignored() external pure returns (uint256) {
        unnamed(3);
        three();
        return 1;
    }
}
