// SPDX-License-Identifier: Apache-2.0
// refuses: move: cannot do a call of another contract
// refuses: solana: cannot do a call of another contract
// refuses: cosmos: cannot do a call of another contract
// A pure function may call pure functions of other contracts.
pragma solidity ^0.8.27;

interface Doubling {
    function twice(uint256 x) external pure returns (uint256);
}

library Doublings {
    function fourTimes(Doubling doubling, uint256 x) internal pure returns (uint256) {
        return doubling.twice(doubling.twice(x));
    }
}

contract PureCalls is Doubling {
    using Doublings for Doubling;

    function twice(uint256 x) external pure returns (uint256) {
        return 2 * x;
    }

    function through(Doubling doubling, uint256 x) public pure returns (uint256) {
        return doubling.fourTimes(x);
    }

    function own(uint256 x) external view returns (uint256) {
        return through(this, x);
    }
}
