// SPDX-License-Identifier: Apache-2.0
// What is called from inside and outside; a private function beside the inherited private one; view and pure.
pragma solidity ^0.8.27;

contract VisibilityBase {
    function hidden() private pure returns (uint256) {
        return 1;
    }

    function shown() internal pure virtual returns (uint256) {
        return hidden() * 10;
    }

    function publicOne() public pure returns (uint256) {
        return shown() + hidden();
    }
}

contract Visibility is VisibilityBase {
    function hidden(uint256 x) private pure returns (uint256) {
        return x;
    }

    function shown() internal pure override returns (uint256) {
        return hidden(2) * 100;
    }

    function both() external pure returns (uint256, uint256) {
        return (shown(), hidden(3));
    }

    function viaBase() external pure returns (uint256) {
        return VisibilityBase.shown();
    }
}
